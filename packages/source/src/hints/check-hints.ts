import type { Model } from '@totesys/schema';
import type {
  HintFunctionRow,
  HintPublicationRow,
  HintServerRow,
  HintSlotRow,
  HintTableRow,
} from '../sql/hint-facts.ts';
import type { HintFacts, PublishedTables } from './hint-facts.ts';
import { HINT_OBJECTS, HINTS_LEAST_VERSION } from './hint-objects.ts';

/** One thing that hints need, and its fault with the remedy; without a fault it is as it must be. */
export interface HintCheck {
  readonly subject: string;
  readonly fault?: string;
  readonly remedy?: string;
}

const SET_UP = 'Run the SQL of: totesys hints setup';
const SET_UP_AGAIN = 'Run the SQL of: totesys hints remove, then that of: totesys hints setup';

/** Checks everything that hints need of a source, one thing after another. */
export function checkHints({ source }: Model, facts: HintFacts): HintCheck[] {
  const { server, slot, functions } = facts;
  const version = checkVersion(server);
  if (version.fault !== undefined) return [version];
  return [
    version,
    checkPrimary(server),
    checkWalLevel(server),
    ...source.map(({ name }) => checkPublishedTable(name, facts)),
    checkPublication(facts.publication),
    checkSlot(slot),
    ...[HINT_OBJECTS.peek, HINT_OBJECTS.advance].map((name) => checkFunction(name, functions)),
    checkKeepSize(server),
  ];
}

/** Checks that the server is new enough. */
export function checkVersion({ version }: HintServerRow): HintCheck {
  const fault = `expected Postgres ${HINTS_LEAST_VERSION} or newer, got ${version}`;
  return check('version', version < HINTS_LEAST_VERSION && fault, 'Upgrade it, or use no hints.');
}

/** Checks that the server is a primary: a standby decodes no slot of its primary. */
export function checkPrimary({ in_recovery }: Pick<HintServerRow, 'in_recovery'>): HintCheck {
  return check('primary', in_recovery && 'expected a primary, got a standby', 'Name the primary, or use no hints.');
}

/** Checks the publication itself. */
export function checkPublication(publication: HintPublicationRow | undefined): HintCheck {
  const subject = `publication ${HINT_OBJECTS.publication}`;
  if (!publication) return { subject, fault: 'it does not exist', remedy: SET_UP };
  const { inserts, updates, deletes, truncates, via_root, publishes_all } = publication;
  if (!(inserts && updates && deletes && truncates)) {
    return { subject, fault: 'it does not publish insert, update, delete and truncate', remedy: SET_UP_AGAIN };
  }
  if (publishes_all)
    return { subject, fault: 'it publishes all tables, expected the key columns', remedy: SET_UP_AGAIN };
  return check(subject, !via_root && 'publish_via_partition_root is off', SET_UP_AGAIN);
}

/** Checks that a table and its partitions can be published, and that the publication names the table as it must. */
export function checkPublishedTable(name: string, { tables, publication }: PublishedTables): HintCheck {
  const subject = `table ${name}`;
  const rows = tables.filter(({ table }) => table === name);
  const root = rows.find(({ partition }) => partition === null);
  if (!root) return { subject, fault: 'it does not exist', remedy: 'Restore it, or remove it from the model.' };
  for (const row of rows) {
    const { fault, remedy } = checkStorage(row);
    if (fault !== undefined) return { subject, fault: `${nameRow(row)} ${fault}`, ...(remedy && { remedy }) };
  }
  // The rows of inheritance children are not published as rows of their parent.
  if (rows.length > 1 && root.kind !== 'p') {
    return { subject, fault: 'it has inheritance children', remedy: 'Move their rows into partitions.' };
  }
  if (publication?.publishes_all) return { subject };
  if (!root.is_published) return { subject, fault: 'the publication does not name it', remedy: SET_UP_AGAIN };
  if (root.is_filtered) return { subject, fault: 'the publication filters its rows', remedy: SET_UP_AGAIN };
  return check(subject, !root.has_key && 'the published columns lack the key', SET_UP_AGAIN);
}

/** Checks that the slot can be read. */
export function checkSlot(slot: HintSlotRow | undefined): HintCheck {
  const subject = `slot ${HINT_OBJECTS.slot}`;
  if (!slot) return { subject, fault: 'it does not exist', remedy: SET_UP };
  if (slot.plugin !== 'pgoutput') {
    return { subject, fault: `expected the plugin pgoutput, got ${slot.plugin ?? 'none'}`, remedy: SET_UP_AGAIN };
  }
  if (!slot.is_here) return { subject, fault: 'it belongs to another database', remedy: SET_UP_AGAIN };
  if (slot.is_temporary) return { subject, fault: 'it is temporary', remedy: SET_UP_AGAIN };
  if (slot.is_two_phase) return { subject, fault: 'it decodes prepared transactions early', remedy: SET_UP_AGAIN };
  const { invalidation } = slot;
  return check(subject, invalidation !== null && `the server has invalidated it: ${invalidation}`, SET_UP_AGAIN);
}

function checkWalLevel({ wal_level }: HintServerRow): HintCheck {
  const remedy = "Run: alter system set wal_level = 'logical'; and restart (RDS, Aurora: rds.logical_replication = 1).";
  return check('wal_level', wal_level !== 'logical' && `expected logical, got ${wal_level}`, remedy);
}

// A slot that nobody advances fills the disk of the source, and then the source stops.
function checkKeepSize({ keep_size_mb }: HintServerRow): HintCheck {
  const remedy = "Run: alter system set max_slot_wal_keep_size = '10GB'; select pg_reload_conf();";
  const fault = 'a slot may keep WAL without limit, expected at most a quarter of the free disk';
  return check('max_slot_wal_keep_size', keep_size_mb === '-1' && fault, remedy);
}

function checkStorage({ persistence, replica_identity, key_index }: HintTableRow): Omit<HintCheck, 'subject'> {
  if (persistence !== 'p') return { fault: 'is not permanent', remedy: 'Run: alter table … set logged.' };
  // A deferrable key is no replica identity: while a publication names the table, its UPDATE and DELETE fail.
  if (key_index === null) {
    const fault = 'has no primary key on the key of the model, or a deferrable one';
    return { fault, remedy: 'Add a primary key that is not deferrable.' };
  }
  if (replica_identity === 'd') return {};
  return { fault: 'has another replica identity', remedy: 'Run: alter table … replica identity default.' };
}

function checkFunction(name: string, functions: readonly HintFunctionRow[]): HintCheck {
  const subject = `function ${HINT_OBJECTS.schema}.${name}`;
  const found = functions.find((row) => row.name === name);
  if (!found) return { subject, fault: 'it does not exist', remedy: SET_UP };
  if (!found.may_execute) return { subject, fault: 'this role may not call it', remedy: SET_UP_AGAIN };
  const fault = 'it does not run with the right REPLICATION';
  return check(subject, !(found.is_definer && found.may_replicate) && fault, SET_UP_AGAIN);
}

function nameRow({ partition }: HintTableRow): string {
  return partition === null ? 'it' : `its partition ${partition}`;
}

function check(subject: string, fault: string | false, remedy: string): HintCheck {
  return fault === false ? { subject } : { subject, fault, remedy };
}
