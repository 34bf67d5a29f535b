import { type Connection, isOneOfStates, SqlState, SqlStateClass, sqlStateOf } from '@totesys/runtime';
import type { SourceTable } from '@totesys/schema';
import { readServerWitness, selectWitnessRows } from '../sql/witness-rows.ts';

/** A row of the source as it is now; without a hash where its values cannot be read. */
export interface FoundRow {
  readonly table: SourceTable;
  readonly key: number;
  /** 32 bits. */
  readonly xmin: number;
  readonly hash: string | undefined;
}

/** The keys to look up in a table. */
export interface WitnessKeys {
  readonly table: SourceTable;
  readonly keys: readonly number[];
}

/**
 * Reads the rows with the given keys, with the hashes of their values. Where a value cannot be read, the rows of its table come without hashes; where
 * the table or its index is damaged, they do not come at all.
 */
export async function readWitnessRows(connection: Connection, wanted: readonly WitnessKeys[]): Promise<FoundRow[]> {
  const some = wanted.filter(({ keys }) => keys.length > 0);
  if (some.length === 0) return [];
  const found = await unlessRefused(connection, () => readRows(connection, some, true));
  if (found) return found;
  if (some.length === 1) return (await unlessRefused(connection, () => readRows(connection, some, false))) ?? [];
  const rows: FoundRow[] = [];
  for (const each of some) rows.push(...(await readWitnessRows(connection, [each])));
  return rows;
}

async function readRows(
  connection: Connection,
  wanted: readonly WitnessKeys[],
  withHash: boolean,
): Promise<FoundRow[]> {
  const tables = wanted.map(({ table }) => table);
  const parameters = wanted.map(({ keys }) => `{${keys.join(',')}}`);
  const rows = await connection.unsafe(selectWitnessRows(tables, withHash), parameters);
  return rows.map(({ table, key, shown, hash }) => ({
    table: tables[table]!,
    key: Number(key),
    xmin: Number(shown),
    hash: hash ?? undefined,
  }));
}

/** What the server says of itself; undefined where it says nothing. */
export interface ServerWitness {
  readonly startedAt: string | undefined;
  /** Of the given transactions those that are aborted or go on. */
  readonly uncommitted: readonly string[];
}

/** Asks the server when it started and which of the given transactions are not committed. */
export async function readServer(connection: Connection, ids: readonly string[] = []): Promise<ServerWitness> {
  const rows = await unlessRefused(connection, () => connection.unsafe(readServerWitness, [`{${ids.join(',')}}`]));
  return { startedAt: rows?.[0]?.started_at, uncommitted: rows?.[0]?.uncommitted ?? [] };
}

/** SQLSTATEs by which a server refuses a query about a witness. */
const REFUSALS = [
  SqlState.insufficientPrivilege,
  SqlState.undefinedFunction,
  SqlState.objectNotInPrerequisiteState,
  SqlStateClass.featureNotSupported,
  SqlStateClass.dataException,
  SqlStateClass.programLimitExceeded,
  SqlStateClass.internalError,
];

/**
 * Returns what a query gives, undefined where the server refuses it: damaged data, a right that is missing, a function that a server lacks.
 * A witness is never worth a run.
 */
export async function unlessRefused<T>(connection: Connection, query: () => PromiseLike<T>): Promise<T | undefined> {
  await connection.unsafe('savepoint witness');
  try {
    const rows = await query();
    await connection.unsafe('release savepoint witness');
    return rows;
  } catch (error) {
    if (!isOneOfStates(sqlStateOf(error), REFUSALS)) throw error;
    await connection.unsafe('rollback to savepoint witness');
    return undefined;
  }
}
