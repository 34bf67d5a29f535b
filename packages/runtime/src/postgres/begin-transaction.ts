import { quoteLiteral } from '@totesys/schema';
import { ErrorCode, PipelineError } from '../errors.ts';
import { IDLE_IN_TRANSACTION_LIMIT_MS } from '../watchdog/watch-limits.ts';
import { send } from './driver.ts';
import { findNewerSettings } from './newer-settings.ts';
import type { Connection, Pool, Sql, Transaction } from './pool.ts';

/** How a transaction begins. */
export interface TransactionOptions {
  readonly mode: 'read committed' | 'read committed read only' | 'repeatable read read only';
  /** The longest wait for a lock; if absent, the time that the statement may take. */
  readonly lockTimeoutMs?: number;
  /** The server's limit for each statement; if absent, that of the pool. */
  readonly statementTimeoutMs?: number;
  /** The schemas in which unqualified names are looked up; without it, only those of Postgres itself. */
  readonly searchPath?: string;
}

/** One statement or a few that read what was committed before them. */
export const READ_COMMITTED: TransactionOptions = { mode: 'read committed read only' };
/** Statements that all read the same snapshot. */
export const ONE_SNAPSHOT: TransactionOptions = { mode: 'repeatable read read only' };
/**
 * Statements that write: an operator's trigger or index may call a function in schema public by its unqualified name.
 */
export const WRITING: TransactionOptions = { mode: 'read committed', searchPath: 'pg_catalog, public, pg_temp' };

// Unqualified names are those of Postgres or of temporary tables: an extension's function never replaces one of
// Postgres.
const SEARCH_PATH = 'pg_catalog, pg_temp';

/**
 * The settings of every transaction, whatever the role, the database or an earlier client of the connection has set.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  // A policy must be an error: if it hid rows, they would look deleted.
  row_security: 'off',
  DateStyle: 'ISO, YMD',
  TimeZone: 'UTC',
  standard_conforming_strings: 'on',
  // Runs compare names of types, which this setting would quote.
  quote_all_identifiers: 'off',
  // Connections that share a snapshot wait for each other and for the lake, and are pinged meanwhile: only the session
  // of a lost client reaches this limit.
  idle_in_transaction_session_timeout: String(IDLE_IN_TRANSACTION_LIMIT_MS),
  // The server notices a client that is lost in the middle of a COPY, and releases its locks.
  tcp_keepalives_idle: '10',
  tcp_keepalives_interval: '10',
  tcp_keepalives_count: '3',
  tcp_user_timeout: '30000',
};

// Settings that only some servers have, and that differ between pools.
const settingsOfPools = new WeakMap<object, Readonly<Record<string, string>>>();

/** Finds the newer settings that a pool's server has; every later transaction of the pool applies them. */
export async function preparePool(pool: Sql, statementTimeoutMs: number | undefined): Promise<void> {
  const newer = await findNewerSettings(pool);
  const limit = statementTimeoutMs === undefined ? {} : { statement_timeout: String(statementTimeoutMs) };
  settingsOfPools.set(pool.options, { ...newer, ...limit });
}

/** Runs work in a transaction with our settings and commits it; rolls back if the work throws. */
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
    // The server answers COMMIT with ROLLBACK, not with an error, if a statement failed and the work went on.
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
    'A transaction was rolled back: expected it to commit, but one of its statements had failed. The next run does ' +
      'the work again.',
  );
}

/**
 * Begins a transaction with our settings on a reserved connection of the pool; the caller ends it. No snapshot is taken
 * yet.
 */
export async function beginTransaction(pool: Pool, connection: Connection, options: TransactionOptions): Promise<void> {
  await send(connection, `begin isolation level ${options.mode}; ${setLocal(pool, options)}`);
}

// `set local` ends with the transaction. Behind a pooler, the next transaction may run on another server connection,
// and this connection may serve another client.
function setLocal(pool: Pool, options: TransactionOptions): string {
  const { searchPath = SEARCH_PATH, lockTimeoutMs = 0, statementTimeoutMs } = options;
  const settings = {
    ...SETTINGS,
    lock_timeout: String(lockTimeoutMs),
    ...settingsOfPools.get(pool.options),
    ...(statementTimeoutMs === undefined ? {} : { statement_timeout: String(statementTimeoutMs) }),
  };
  const statements = Object.entries(settings).map(([name, value]) => `set local ${name} = ${quoteLiteral(value)}`);
  return [...statements, `set local search_path = ${searchPath}`].join('; ');
}
