import { type Model, quoteIdentifier, quoteLiteral } from '@totesys/schema';
import { qualified } from '../sql/row-selection.ts';
import { HINT_OBJECTS } from './hint-objects.ts';

/** For whom the statements are: the role of ingest, and whether the server has the role of RDS for replication. */
export interface HintSetupTarget {
  readonly reader: string;
  readonly hasRdsReplication: boolean;
}

const { slot, peek, advance } = HINT_OBJECTS;
const SCHEMA = quoteIdentifier(HINT_OBJECTS.schema);
const ROLE = quoteIdentifier(HINT_OBJECTS.role);
const PUBLICATION = quoteIdentifier(HINT_OBJECTS.publication);
const PEEK = `${SCHEMA}.${quoteIdentifier(peek)}(pg_lsn)`;
const ADVANCE = `${SCHEMA}.${quoteIdentifier(advance)}(pg_lsn)`;

/** Returns the SQL that sets up hints, for the owner of the source. If a check at its start fails, it has no effect. */
export function hintSetup(model: Model, target: HintSetupTarget): string {
  return [
    '-- Change hints for totesys. Run this as the owner of the tables, in the database of the source.',
    '-- A slot keeps WAL until it is advanced. Limit it to at most a quarter of the free disk, for example:',
    "--   alter system set max_slot_wal_keep_size = '10GB'; select pg_reload_conf();",
    '-- To remove all of this: totesys hints remove',
    'begin;',
    checkServer(),
    checkTables(model),
    createRole(target),
    createPublication(model),
    createFunctions(target),
    'commit;',
    '-- This waits until every transaction that is open or prepared now has ended.',
    `select pg_create_logical_replication_slot(${quoteLiteral(slot)}, 'pgoutput')`,
    ` where exists (select from pg_publication where pubname = ${quoteLiteral(HINT_OBJECTS.publication)});`,
  ].join('\n');
}

/** Returns the SQL with which the owner of the source removes hints. The slot is first: it keeps WAL. */
export function hintRemoval(): string {
  return [
    '-- Change hints for totesys: removes what "totesys hints setup" created. Switch hints off first.',
    `select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = ${quoteLiteral(slot)};`,
    `drop publication if exists ${PUBLICATION};`,
    `drop function if exists ${PEEK}, ${ADVANCE};`,
    `drop schema if exists ${SCHEMA};`,
    `drop role if exists ${ROLE};`,
    '-- If nothing else needs logical replication, wal_level may be lowered now, never while a slot exists.',
  ].join('\n');
}

function checkServer(): string {
  return `do $check$ begin
  if current_setting('wal_level') <> 'logical' then
    raise exception 'wal_level is %, expected logical', current_setting('wal_level')
      using hint = 'Run: alter system set wal_level = ''logical''; and restart the server. On RDS and Aurora set '
        'rds.logical_replication = 1 in the parameter group.';
  end if;
end $check$;`;
}

// A publication of a table without a primary key, or with a deferrable one, makes UPDATE and DELETE of the application
// fail; so does a list of key columns if the replica identity is FULL.
function checkTables(model: Model): string {
  const rows = model.source.map(({ name, key }) => `(${quoteLiteral(name)}, ${quoteLiteral(key)})`);
  return `do $check$ declare faults text; begin
  select string_agg(wanted.name, ', ' order by wanted.name) into faults
    from (values
      ${rows.join(',\n      ')}
    ) wanted (name, key)
   where not exists (
     select from pg_class c
       join pg_attribute a on a.attrelid = c.oid and a.attname = wanted.key
       join pg_index i on i.indrelid = c.oid and i.indisprimary and i.indimmediate and i.indnkeyatts = 1
           and i.indkey[0] = a.attnum
      where c.oid = to_regclass('public.' || quote_ident(wanted.name))
        and c.relreplident = 'd' and c.relpersistence = 'p');
  if faults is not null then
    raise exception 'These tables cannot be published: %', faults
      using hint = 'Each must be permanent, with a primary key on the key column of the model, not deferrable, and '
        'with replica identity default.';
  end if;
end $check$;`;
}

function createRole({ hasRdsReplication }: HintSetupTarget): string {
  const role = hasRdsReplication
    ? `create role ${ROLE} nologin; grant rds_replication to ${ROLE};`
    : `create role ${ROLE} nologin replication;`;
  return `${role}\ngrant ${ROLE} to current_user;`;
}

function createPublication(model: Model): string {
  const tables = model.source.map((table) => `${qualified(table)} (${quoteIdentifier(table.key)})`);
  return `create publication ${PUBLICATION} for table
  ${tables.join(',\n  ')}
  with (publish = 'insert, update, delete, truncate', publish_via_partition_root = true);`;
}

// REPLICATION lets a role read, advance and drop every slot of the server, so the reader gets two functions instead.
function createFunctions({ reader }: HintSetupTarget): string {
  const options = 'language sql volatile security definer set search_path = pg_catalog, pg_temp';
  const [slotName, publication] = [slot, HINT_OBJECTS.publication].map(quoteLiteral);
  const grantee = quoteIdentifier(reader);
  return `create schema ${SCHEMA} authorization ${ROLE};
set local role ${ROLE};
create function ${SCHEMA}.${quoteIdentifier(peek)}(upto pg_lsn) returns setof bytea ${options} as $body$
  select data from pg_logical_slot_peek_binary_changes(${slotName}, upto, null,
    'proto_version', '1', 'publication_names', ${publication})
$body$;
create function ${SCHEMA}.${quoteIdentifier(advance)}(upto pg_lsn) returns pg_lsn ${options} as $body$
  select end_lsn from pg_replication_slot_advance(${slotName}, upto)
$body$;
revoke all on function ${PEEK}, ${ADVANCE} from public;
grant usage on schema ${SCHEMA} to ${grantee};
grant execute on function ${PEEK}, ${ADVANCE} to ${grantee};
reset role;`;
}
