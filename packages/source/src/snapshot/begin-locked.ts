import {
  beginTransaction,
  type Connection,
  ErrorCode,
  execute,
  PipelineError,
  type Pool,
  SqlState,
  sqlStateOf,
} from '@totesys/runtime';
import type { SourceTable } from '@totesys/schema';
import { qualified } from '../sql/row-selection.ts';
import { describeLockFailure } from './lock-failure.ts';

/** Longest wait for a lock on a table: longer than a reasonable statement, shorter than a tick. */
const LOCK_TIMEOUT_MS = 20_000;
/** Attempts when another session requests ACCESS EXCLUSIVE between our locks. */
const MAX_ATTEMPTS = 5;

/** A connection that begins a transaction, with one snapshot or with a new snapshot for each statement. */
export interface Beginner {
  readonly connection: Connection;
  readonly mode: 'read committed read only' | 'repeatable read read only';
}

/**
 * Begins a read-only transaction on each connection and locks all tables in each before any query takes a snapshot:
 * after a later TRUNCATE or rewrite the snapshot would show an empty table. Either all connections get the locks or
 * none: a connection without them would queue after a TRUNCATE that waits for another of our connections. Returns
 * false, with all transactions ended, if `mayGoOn` returns false for the first connection.
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
      await rollBack(first);
      return false;
    }
    // The others are reserved only here: two runs that each hold some connections of a pool and wait for more would
    // deadlock.
    others ??= await reserveOthers();
    if (await lockAtOnce(pool, others, tables)) return true;
    if (attempt === MAX_ATTEMPTS) throw lockedAgain();
    // The session that waits gets its lock now; the next attempt waits for it.
    for (const beginner of [first, ...others]) await rollBack(beginner);
  }
}

function beginReadOnly(pool: Pool, { connection, mode }: Beginner): Promise<void> {
  return beginTransaction(pool, connection, { mode, lockTimeoutMs: LOCK_TIMEOUT_MS });
}

async function rollBack({ connection }: Beginner): Promise<void> {
  await execute(connection, { text: 'rollback' });
}

async function lockTables(pool: Pool, first: Beginner, tables: readonly SourceTable[]): Promise<void> {
  for (const table of tables) {
    try {
      await execute(first.connection, { text: `lock table ${qualified(table)} in access share mode` });
    } catch (error) {
      const beginAgain = async () => {
        await rollBack(first);
        await beginReadOnly(pool, first);
        return first.connection;
      };
      throw await describeLockFailure(beginAgain, table, error, LOCK_TIMEOUT_MS);
    }
  }
}

async function lockAtOnce(pool: Pool, others: readonly Beginner[], tables: readonly SourceTable[]): Promise<boolean> {
  const text = `lock table ${tables.map(qualified).join(', ')} in access share mode nowait`;
  try {
    for (const other of others) {
      await beginReadOnly(pool, other);
      await execute(other.connection, { text });
    }
    return true;
  } catch (error) {
    if (sqlStateOf(error) === SqlState.lockNotAvailable) return false;
    throw error;
  }
}

function lockedAgain(): PipelineError {
  const cause = `${MAX_ATTEMPTS} times another session waited for ACCESS EXCLUSIVE on one of them`;
  return new PipelineError(
    ErrorCode.TIMED_OUT,
    `The source's tables are locked: ${cause}. Look in pg_locks for that session; the next run tries again.`,
  );
}
