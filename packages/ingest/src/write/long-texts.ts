import type { Uncarriable } from '@totesys/columns';
import { longTextReason } from '@totesys/lake';
import { inSavepoint, isOneOfStates, query, SqlStateClass, sqlStateOf, unreadableStateOf } from '@totesys/runtime';
import { MOST_TEXT_BYTES } from '@totesys/schema';
import { type SnapshotTable, textColumns } from '@totesys/source';
import { hashText, measureTexts, type TextHashRow, type TextLengthRow } from '../sql/read-long-texts.ts';

/** SQLSTATEs of a server that lacks memory: it has the whole text in memory to compute the SHA-256. */
const TOO_LARGE_STATES = [SqlStateClass.insufficientResources, SqlStateClass.programLimitExceeded];

/** Returns the bytes of all texts that the lakes carry in the rows with these keys, in the order of the keys. */
export async function measureRows(from: SnapshotTable, keys: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const bytesOf = new Map(keys.map((key) => [key, 0]));
  for (const { key, bytes } of await measure(from, keys)) {
    if (bytes <= MOST_TEXT_BYTES) bytesOf.set(Number(key), bytesOf.get(Number(key))! + bytes);
  }
  return bytesOf;
}

/** Returns the texts of a row that are too long for the lakes, each with its length and SHA-256 as the reason. */
export async function describeLongTexts(from: SnapshotTable, key: number): Promise<Uncarriable[]> {
  const columns = textColumns(from.table);
  const found: Uncarriable[] = [];
  for (const { place, bytes } of await measure(from, [key])) {
    if (bytes <= MOST_TEXT_BYTES) continue;
    const column = columns[place]!;
    found.push({ key, column, reason: longTextReason(bytes, await hashOf(from, key, column)) });
  }
  return found;
}

async function measure({ connection, table }: SnapshotTable, keys: readonly number[]): Promise<TextLengthRow[]> {
  if (textColumns(table).length === 0) return [];
  const statement = { text: measureTexts(table), parameters: [`{${keys.join(',')}}`] };
  return [...(await query<TextLengthRow>(connection, statement))];
}

// The row goes to quarantine even if the server cannot read the whole text.
async function hashOf({ connection, table }: SnapshotTable, key: number, column: string): Promise<string> {
  const statement = { text: hashText(table, column), parameters: [key] };
  try {
    const [row] = await inSavepoint(connection, () => query<TextHashRow>(connection, statement));
    return `SHA-256 ${row!.sha256}`;
  } catch (error) {
    const state = sqlStateOf(error);
    if (unreadableStateOf(error) === undefined && !isOneOfStates(state, TOO_LARGE_STATES)) throw error;
    return `no SHA-256: SQLSTATE ${state}`;
  }
}
