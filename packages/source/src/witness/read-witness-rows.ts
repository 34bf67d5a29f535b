import { type Connection, execute, isOneOfStates, query, SqlState, SqlStateClass, sqlStateOf } from '@totesys/runtime';
import type { SourceTable } from '@totesys/schema';
import {
  readServerWitness,
  type SelectedWitnessRow,
  type ServerWitnessRow,
  selectWitnessRows,
} from '../sql/witness-rows.ts';

/** A row of the source; without a hash if its values cannot be read. */
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
 * Reads the rows with the given keys and the hashes of their values. If a value cannot be read, the rows of its table
 * have no hashes; if the table or its index is damaged, they are missing.
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
  const rows = await query<SelectedWitnessRow>(connection, { text: selectWitnessRows(tables, withHash), parameters });
  return rows.map(({ table, key, shown, hash }) => ({
    table: tables[table]!,
    key: Number(key),
    xmin: Number(shown),
    hash: hash ?? undefined,
  }));
}

/** What the server reports about itself and its transactions. */
export interface ServerWitness {
  /** Undefined if the server refuses to answer. */
  readonly startedAt: string | undefined;
  /** Those of the given transactions that are aborted or in progress. */
  readonly uncommitted: readonly string[];
}

/** Reads when the server started and which of the given transactions are not committed. */
export async function readServer(connection: Connection, ids: readonly string[] = []): Promise<ServerWitness> {
  const statement = { text: readServerWitness, parameters: [`{${ids.join(',')}}`] };
  const rows = await unlessRefused(connection, () => query<ServerWitnessRow>(connection, statement));
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
 * Returns the result of `work`; undefined if the server refuses it because of damaged data, a missing right or a
 * missing function. A witness must not stop a run.
 */
export async function unlessRefused<T>(connection: Connection, work: () => PromiseLike<T>): Promise<T | undefined> {
  await execute(connection, { text: 'savepoint witness' });
  try {
    const result = await work();
    await execute(connection, { text: 'release savepoint witness' });
    return result;
  } catch (error) {
    if (!isOneOfStates(sqlStateOf(error), REFUSALS)) throw error;
    await execute(connection, { text: 'rollback to savepoint witness' });
    return undefined;
  }
}
