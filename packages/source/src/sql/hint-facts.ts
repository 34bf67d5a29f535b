import { quoteLiteral } from '@totesys/schema';
import { HINT_OBJECTS, RDS_REPLICATION } from '../hints/hint-objects.ts';

const [SLOT, PUBLICATION, SCHEMA] = [HINT_OBJECTS.slot, HINT_OBJECTS.publication, HINT_OBJECTS.schema].map(
  quoteLiteral,
);

/** What hints need of the server; `keep_size_mb` is -1 if slots may keep WAL without limit. */
export interface HintServerRow {
  readonly version: number;
  readonly in_recovery: boolean;
  readonly wal_level: string;
  readonly keep_size_mb: string;
  readonly reader: string;
  readonly has_rds_replication: boolean;
}

/** Reads what hints need of the server. */
export const readHintServer = `
select current_setting('server_version_num')::int / 10000 as version,
       pg_is_in_recovery() as in_recovery,
       current_setting('wal_level') as wal_level,
       (select setting from pg_settings where name = 'max_slot_wal_keep_size') as keep_size_mb,
       current_user::text as reader,
       exists (select from pg_roles where rolname = ${quoteLiteral(RDS_REPLICATION)}) as has_rds_replication`;

/** A table of the model or one of its partitions, and how the publication names it; nulls if it does not. */
export interface HintTableRow {
  readonly table: string;
  /** Null for the table itself. */
  readonly partition: string | null;
  readonly oid: string;
  readonly row_xmin: string;
  /** The row xmin of its schema: renaming the schema changes it, and the slot names tables with their schema. */
  readonly schema_xmin: string;
  readonly kind: string;
  readonly persistence: string;
  readonly replica_identity: string;
  /** The oid of the primary key's index if that key is the key column alone and not deferrable; null otherwise. */
  readonly key_index: string | null;
  readonly is_published: boolean;
  readonly is_filtered: boolean;
  /** Whether the published columns include the key. */
  readonly has_key: boolean;
}

/**
 * Reads the tables of $1 (text[]) with their keys of $2 (text[]) and, at any depth, their partitions and inheritance
 * children. Needs Postgres 15.
 */
export const readHintTables = `
with recursive tables (name, key, oid, is_root) as (
  select w.name, w.key, c.oid, true
    from unnest($1::text[], $2::text[]) w (name, key)
    join pg_class c on c.relname = w.name and c.relnamespace = 'public'::regnamespace
  union
  select t.name, t.key, i.inhrelid, false from tables t join pg_inherits i on i.inhparent = t.oid
)
select t.name as table,
       case when not t.is_root then c.relname::text end as partition,
       c.oid::text as oid,
       c.xmin::text as row_xmin,
       n.xmin::text as schema_xmin,
       c.relkind::text as kind,
       c.relpersistence::text as persistence,
       c.relreplident::text as replica_identity,
       (select i.indexrelid::text from pg_index i
         where i.indrelid = c.oid and i.indisprimary and i.indimmediate and i.indnkeyatts = 1
           and i.indkey[0] = a.attnum) as key_index,
       r.oid is not null as is_published,
       r.prqual is not null as is_filtered,
       coalesce(r.prattrs is null or a.attnum = any (r.prattrs::int2[]), false) as has_key
  from tables t
  join pg_class c on c.oid = t.oid
  join pg_namespace n on n.oid = c.relnamespace
  left join pg_attribute a on a.attrelid = c.oid and a.attname = t.key and not a.attisdropped
  left join pg_publication_rel r on r.prrelid = c.oid
        and r.prpubid = (select oid from pg_publication where pubname = ${PUBLICATION})
 order by t.name, c.oid`;

/** The publication; `parts` are the oid and xmin of each row that says what it publishes, in order. */
export interface HintPublicationRow {
  readonly oid: string;
  readonly row_xmin: string;
  readonly publishes_all: boolean;
  readonly via_root: boolean;
  readonly inserts: boolean;
  readonly updates: boolean;
  readonly deletes: boolean;
  readonly truncates: boolean;
  readonly parts: readonly string[];
}

/** Reads the publication. Needs Postgres 15. */
export const readHintPublication = `
select p.oid::text as oid, p.xmin::text as row_xmin, p.puballtables as publishes_all, p.pubviaroot as via_root,
       p.pubinsert as inserts, p.pubupdate as updates, p.pubdelete as deletes, p.pubtruncate as truncates,
       array(select 'table ' || oid || ' ' || xmin from pg_publication_rel where prpubid = p.oid
             union all
             select 'schema ' || oid || ' ' || xmin from pg_publication_namespace where pnpubid = p.oid
             order by 1) as parts
  from pg_publication p where pubname = ${PUBLICATION}`;

/** The slot, with its positions as numbers of bytes. */
export interface HintSlotRow {
  readonly plugin: string | null;
  readonly is_here: boolean;
  readonly is_temporary: boolean;
  readonly is_two_phase: boolean;
  /** Why the server no longer keeps WAL for the slot; null if it does. */
  readonly invalidation: string | null;
  readonly active_pid: number | null;
  readonly confirmed: string | null;
  readonly restart: string | null;
}

/** Reads the slot. Columns that only newer servers have are read through JSON. */
export const readHintSlot = `
select s.plugin::text as plugin,
       s.database = current_database() as is_here,
       s.temporary as is_temporary,
       coalesce((j.slot ->> 'two_phase')::boolean, false) as is_two_phase,
       case when s.wal_status = 'lost' then coalesce(j.slot ->> 'invalidation_reason', 'wal_removed')
            when (j.slot ->> 'conflicting')::boolean then coalesce(j.slot ->> 'invalidation_reason', 'conflicting')
            else j.slot ->> 'invalidation_reason' end as invalidation,
       s.active_pid,
       (s.confirmed_flush_lsn - '0/0'::pg_lsn)::text as confirmed,
       (s.restart_lsn - '0/0'::pg_lsn)::text as restart
  from pg_replication_slots s, lateral (select to_jsonb(s) as slot) j
 where s.slot_name = ${SLOT}`;

/** One of the two functions, and whether this role may call it. */
export interface HintFunctionRow {
  readonly name: string;
  readonly is_definer: boolean;
  /** Whether its owner has the right REPLICATION, or the role of RDS for it. */
  readonly may_replicate: boolean;
  readonly may_execute: boolean;
}

/** Reads the two functions. */
export const readHintFunctions = `
select p.proname::text as name,
       p.prosecdef as is_definer,
       o.rolreplication or o.rolsuper or exists (
         select from pg_roles r where r.rolname = ${quoteLiteral(RDS_REPLICATION)}
            and pg_has_role(o.oid, r.oid, 'member')) as may_replicate,
       has_function_privilege(p.oid, 'execute') and has_schema_privilege(n.oid, 'usage') as may_execute
  from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace and n.nspname = ${SCHEMA}
  join pg_roles o on o.oid = p.proowner
 where p.pronargs = 1 and p.proargtypes[0] = 'pg_lsn'::regtype`;
