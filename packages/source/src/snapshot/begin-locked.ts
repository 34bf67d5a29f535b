import {
  beginTransaction,
  type Connection,
  describeDatabaseError,
  ErrorCode,
  findTableHolder,
  nameRelationKind,
  PipelineError,
  type Pool,
  SqlState,
  sqlStateOf,
} from '@totesys/runtime';
import { quoteIdentifier, type SourceTable } from '@totesys/schema';
import { missingTable, notATable } from '../layout/source-layout.ts';
import { readPartitions } from '../layout/source-partitions.ts';
import { qualified } from '../sql/select-rows.ts';

/** How long a lock on a table is waited for: longer than any honest statement, shorter than a tick. */
const LOCK_TIMEOUT_MS = 20_000;
/** Times that somebody may want a table for himself just between two of our locks. */
const MAX_ATTEMPTS = 5;

/** A connection of the source's pool that begins a transaction, and whether each of its statements takes a snapshot of its own. */
export interface Beginner {
  readonly connection: Connection;
  readonly mode: 'read committed read only' | 'repeatable read read only';
}

/**
 * Begins a read-only transaction on each connection and locks all tables in each before any query takes a snapshot: a TRUNCATE or rewrite
 * behind it would read as an empty table. All or none: a connection without the locks would queue behind a TRUNCATE that waits for another of ours.
 * Returns false, with all transactions ended, where the first one does not get what `mayGoOn` asks for.
 */
export async function beginLocked(
  pool: Pool,
  { first, reserveOthers }: { readonly first: Beginner; reserveOthers(): Promise<readonly Beginner[]> },
  tables: readonly SourceTable[],
  mayGoOn: (first: Connection) => Promise<boolean> = async () => true,
): Promise<boolean> {
  let others: readonly Beginner[] | undefined;
  for (let attempt = 1; ; attempt++) {
    await beginReadOnly(pool, first);
    await lockTables(pool, first, tables);
    if (!(await mayGoOn(first.connection))) {
      await first.connection.unsafe('rollback');
      return false;
    }
    // Only now: two runs that each hold some connections and wait for the others' would never end.
    others ??= await reserveOthers();
    if (await lockAtOnce(pool, others, tables)) return true;
    if (attempt === MAX_ATTEMPTS) {
      throw new PipelineError(
        ErrorCode.TIMED_OUT,
        `The source's tables are locked: ${MAX_ATTEMPTS} times somebody waited for ACCESS EXCLUSIVE on one of them. Look in pg_locks for who does so again and again; the next run tries again.`,
      );
    }
    // Whoever waits gets through now, and is waited for.
    for (const { connection } of [first, ...others]) await connection.unsafe('rollback');
  }
}

function beginReadOnly(pool: Pool, { connection, mode }: Beginner): Promise<void> {
  return beginTransaction(pool, connection, { mode, lockTimeoutMs: LOCK_TIMEOUT_MS });
}

async function lockTables(pool: Pool, first: Beginner, tables: readonly SourceTable[]): Promise<void> {
  const { connection } = first;
  for (const table of tables) {
    try {
      await connection.unsafe(`lock table ${qualified(table)} in access share mode`);
    } catch (error) {
      throw await lockFailure(pool, first, error, table);
    }
  }
}

async function lockAtOnce(pool: Pool, others: readonly Beginner[], tables: readonly SourceTable[]): Promise<boolean> {
  const statement = `lock table ${tables.map(qualified).join(', ')} in access share mode nowait`;
  try {
    for (const other of others) {
      await beginReadOnly(pool, other);
      await other.connection.unsafe(statement);
    }
    return true;
  } catch (error) {
    if (sqlStateOf(error) === SqlState.lockNotAvailable) return false;
    throw error;
  }
}

async function lockFailure(pool: Pool, first: Beginner, error: unknown, table: SourceTable): Promise<PipelineError> {
  switch (sqlStateOf(error)) {
    case SqlState.undefinedTable:
      return missingTable(table.name);
    case SqlState.wrongObjectType:
      return await anotherKind(pool, first, table);
    case SqlState.insufficientPrivilege:
      return await forbidden(pool, first, error, table.name);
    case SqlState.lockNotAvailable:
      return await locked(pool, first, error, table);
    default:
      return describeDatabaseError(error, `Table 'public.${table.name}' of the source`, 'source');
  }
}

// A view can be locked; a materialized view or a foreign table cannot, and neither can a table with one below it.
async function anotherKind(pool: Pool, first: Beginner, table: SourceTable): Promise<PipelineError> {
  const { connection } = first;
  await connection.unsafe('rollback');
  await beginReadOnly(pool, first);
  const [relation] = await connection.unsafe(
    'select oid::text as oid, relkind::text as kind from pg_class where oid = to_regclass($1::text)',
    [qualified(table)],
  );
  if (relation) await readPartitions(connection, { source: [table] }, new Map([[table.name, String(relation.oid)]]));
  return notATable(table.name, nameRelationKind(relation?.kind ?? ''));
}

// Without a right to the schema none to its tables helps, and the server says permission denied of both.
async function forbidden(pool: Pool, first: Beginner, error: unknown, table: string): Promise<PipelineError> {
  const { connection } = first;
  await connection.unsafe('rollback');
  await beginReadOnly(pool, first);
  const [schema] = await connection.unsafe(`select has_schema_privilege('public', 'usage') as usable`);
  const isUsable = schema?.usable === true;
  const right = isUsable ? 'SELECT on it' : 'USAGE on schema public';
  const grant = isUsable ? `select on public.${quoteIdentifier(table)}` : 'usage on schema public';
  return new PipelineError(
    ErrorCode.SOURCE_FORBIDDEN,
    `Table 'public.${table}' may not be read by the source's role: expected ${right}, got permission denied. Run: grant ${grant} to the role.`,
    { context: { table }, cause: error },
  );
}

async function locked(pool: Pool, first: Beginner, error: unknown, table: SourceTable): Promise<PipelineError> {
  const { connection } = first;
  await connection.unsafe('rollback');
  await beginReadOnly(pool, first);
  const holder = await findTableHolder(connection, qualified(table));
  const who =
    holder === undefined
      ? 'Look in pg_locks for who holds ACCESS EXCLUSIVE'
      : `ACCESS EXCLUSIVE is held or awaited by ${holder}`;
  return new PipelineError(
    ErrorCode.TIMED_OUT,
    `Table 'public.${table.name}' is locked: waited ${LOCK_TIMEOUT_MS / 1000} s for ACCESS SHARE. ${who}; the next run tries again.`,
    { context: { table: table.name }, cause: error },
  );
}
