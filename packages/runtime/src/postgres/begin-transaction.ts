import { quoteLiteral } from '@totesys/schema';
import { ErrorCode, PipelineError } from '../errors.ts';
import { IDLE_IN_TRANSACTION_LIMIT_MS } from '../watchdog/watch-limits.ts';
import { send } from './driver.ts';
import { findNewerSettings } from './newer-settings.ts';
import type { Connection, Pool, Sql, Transaction } from './pool.ts';

/** How a transaction of ours begins. */
export interface TransactionOptions {
  readonly mode: 'read committed' | 'read committed read only' | 'repeatable read read only';
  /** The longest wait for a lock; if absent, the time that the statement may take. */
  readonly lockTimeoutMs?: number;
  /** The schemas in which unqualified names are looked up; without it, only those of Postgres itself. */
  readonly searchPath?: string;
}

/** One statement or a few that read what was committed before them. */
export const READ_COMMITTED: TransactionOptions = { mode: 'read committed read only' };
/** Statements that all read the same snapshot. */
export const ONE_SNAPSHOT: TransactionOptions = { mode: 'repeatable read read only' };
/** Statements that write: a trigger or an index that an operator adds may call a function of schema public by its bare name. */
export const WRITING: TransactionOptions = { mode: 'read committed', searchPath: 'pg_catalog, public, pg_temp' };

// A name that pg_catalog lacks is a temporary table's: an extension's function of the same name is never called in place of Postgres' own.
const SEARCH_PATH = 'pg_catalog, pg_temp';

/** What every transaction rests on, whatever its role, its database, or an earlier client of the same server connection has set. */
const SETTINGS: Readonly<Record<string, string>> = {
  // A policy must be an error: with rows hidden, a table would look shorter than it is.
  row_security: 'off',
  DateStyle: 'ISO, YMD',
  TimeZone: 'UTC',
  standard_conforming_strings: 'on',
  // The name of a type is compared, and would come in quotes.
  quote_all_identifiers: 'off',
  // A snapshot's connections wait for each other, and for the lake, and are pinged meanwhile: only one whose client is lost reaches this.
  idle_in_transaction_session_timeout: String(IDLE_IN_TRANSACTION_LIMIT_MS),
  // The server notices a client that vanished in the middle of a COPY, and lets go of its locks.
  tcp_keepalives_idle: '10',
  tcp_keepalives_interval: '10',
  tcp_keepalives_count: '3',
  tcp_user_timeout: '30000',
};

// What only some servers know, and what differs from pool to pool.
const settingsOfPools = new WeakMap<object, Readonly<Record<string, string>>>();

/** Learns which newer settings a pool's server knows; every later transaction of the pool makes them. */
export async function preparePool(pool: Sql, statementTimeoutMs: number | undefined): Promise<void> {
  const newer = await findNewerSettings(pool);
  const limit = statementTimeoutMs === undefined ? {} : { statement_timeout: String(statementTimeoutMs) };
  settingsOfPools.set(pool.options, { ...newer, ...limit });
}

/** Does work in a transaction with our settings, and commits it; rolls back where the work throws. */
export async function inTransaction<T>(
  pool: Pool,
  options: TransactionOptions,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const connection = await pool.reserve();
  try {
    await beginTransaction(pool, connection, options);
    const result = await work(asTransaction(connection));
    const { command } = await send(connection, 'commit');
    // The server answers so, and without an error, where a statement failed and the work went on.
    if (command === 'ROLLBACK') throw rolledBack();
    return result;
  } catch (error) {
    await send(connection, 'rollback').catch(() => undefined);
    throw error;
  } finally {
    connection.release();
  }
}

function asTransaction(connection: Connection): Transaction {
  let savepoints = 0;
  const transaction: Transaction = Object.assign(connection, {
    savepoint: async <T>(work: (transaction: Transaction) => Promise<T>): Promise<T> => {
      const name = `s${savepoints++}`;
      await send(connection, `savepoint ${name}`);
      try {
        return await work(transaction);
      } catch (error) {
        await send(connection, `rollback to ${name}`);
        throw error;
      }
    },
  });
  return transaction;
}

function rolledBack(): PipelineError {
  return new PipelineError(
    ErrorCode.QUERY_FAILED,
    'A transaction was rolled back: expected it to commit, but one of its statements had failed. The next run does the work again.',
  );
}

/** Begins a transaction with our settings on a reserved connection of the pool; the caller ends it. No snapshot is taken yet. */
export async function beginTransaction(pool: Pool, connection: Connection, options: TransactionOptions): Promise<void> {
  await send(connection, `begin isolation level ${options.mode}; ${setLocal(pool, options)}`);
}

// Behind a pooler the next transaction may run on another server connection, and this one serves another client next:
// `set local` ends with the transaction.
function setLocal(pool: Pool, { searchPath = SEARCH_PATH, lockTimeoutMs = 0 }: TransactionOptions): string {
  const settings = { ...SETTINGS, lock_timeout: String(lockTimeoutMs), ...settingsOfPools.get(pool.options) };
  const statements = Object.entries(settings).map(([name, value]) => `set local ${name} = ${quoteLiteral(value)}`);
  return [...statements, `set local search_path = ${searchPath}`].join('; ');
}
