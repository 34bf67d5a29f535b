import {
  type Connection,
  describeDatabaseError,
  ErrorCode,
  findTableHolder,
  nameRelationKind,
  PipelineError,
  SqlState,
  sqlStateOf,
} from '@totesys/runtime';
import { quoteIdentifier, type SourceTable } from '@totesys/schema';
import { missingTable, notATable } from './source-layout.ts';
import { qualified } from './sql/select-rows.ts';

/** How long a lock on a table is waited for: longer than any honest statement, shorter than a tick. */
const LOCK_TIMEOUT_MS = 20_000;
/** Times that somebody may want a table for himself just between two of our locks. */
const MAX_ATTEMPTS = 5;

/**
 * Begins a read-only transaction on each connection and locks all tables in each before any query takes a snapshot: a TRUNCATE or rewrite
 * behind it would read as an empty table. All or none: a connection without the locks would queue behind a TRUNCATE that waits for another of ours.
 */
export async function beginLocked(
  [first, ...others]: readonly [Connection, ...Connection[]],
  tables: readonly SourceTable[],
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await beginReadOnly(first);
    await lockTables(first, tables);
    if (await lockAtOnce(others, tables)) return;
    if (attempt === MAX_ATTEMPTS) {
      throw new PipelineError(
        ErrorCode.TIMED_OUT,
        `The source's tables are locked: ${MAX_ATTEMPTS} times somebody waited for ACCESS EXCLUSIVE on one of them. Look in pg_locks for who does so again and again; the next run tries again.`,
      );
    }
    // Whoever waits gets through now, and is waited for.
    for (const connection of [first, ...others]) await connection.unsafe('rollback');
  }
}

// A policy on a table must be an error, not rows that are missing.
async function beginReadOnly(connection: Connection): Promise<void> {
  await connection.unsafe('begin isolation level repeatable read read only');
  await connection.unsafe('set local row_security = off');
  await connection.unsafe(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
}

async function lockTables(connection: Connection, tables: readonly SourceTable[]): Promise<void> {
  for (const table of tables) {
    try {
      await connection.unsafe(`lock table ${qualified(table)} in access share mode`);
    } catch (error) {
      throw await lockFailure(connection, error, table);
    }
  }
}

async function lockAtOnce(connections: readonly Connection[], tables: readonly SourceTable[]): Promise<boolean> {
  const statement = `lock table ${tables.map(qualified).join(', ')} in access share mode nowait`;
  try {
    for (const connection of connections) {
      await beginReadOnly(connection);
      await connection.unsafe(statement);
    }
    return true;
  } catch (error) {
    if (sqlStateOf(error) === SqlState.lockNotAvailable) return false;
    throw error;
  }
}

async function lockFailure(connection: Connection, error: unknown, table: SourceTable): Promise<PipelineError> {
  switch (sqlStateOf(error)) {
    case SqlState.undefinedTable:
      return missingTable(table.name);
    case SqlState.wrongObjectType:
      return await anotherKind(connection, table);
    case SqlState.insufficientPrivilege:
      return await forbidden(connection, error, table.name);
    case SqlState.lockNotAvailable:
      return await locked(connection, error, table);
    default:
      return describeDatabaseError(error, `Table 'public.${table.name}' of the source`, 'source');
  }
}

// A view can be locked, a materialized view or a foreign table cannot.
async function anotherKind(connection: Connection, table: SourceTable): Promise<PipelineError> {
  await connection.unsafe('rollback');
  const [relation] = await connection.unsafe(
    'select relkind::text as kind from pg_class where oid = to_regclass($1::text)',
    [qualified(table)],
  );
  return notATable(table.name, nameRelationKind(relation?.kind ?? ''));
}

// Without a right to the schema none to its tables helps, and the server says permission denied of both.
async function forbidden(connection: Connection, error: unknown, table: string): Promise<PipelineError> {
  await connection.unsafe('rollback');
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

async function locked(connection: Connection, error: unknown, table: SourceTable): Promise<PipelineError> {
  await connection.unsafe('rollback');
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
