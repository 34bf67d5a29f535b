import type { Uncarriable } from '@totesys/columns';
import type { QuarantinedValue } from '@totesys/lake';
import { query } from '@totesys/runtime';
import { findUnreadableColumns, type LeftOut, type RowFault, type SnapshotTable } from '@totesys/source';
import type { IngestRun } from '../open/ingest-run.ts';
import { type ExactTextsRow, readExactTexts } from '../sql/read-exact-texts.ts';
import { describeLongTexts, measureRows } from './long-texts.ts';

/** The most quarantined rows, and bytes of their texts, in one statement and one part. */
const TEXT_ROWS = 500;
const TEXT_BYTES = 4 * 1024 * 1024;

/** Quarantines rows that the source cannot read, each once per run. */
export async function quarantineUnreadable(
  run: IngestRun,
  from: SnapshotTable,
  rows: readonly (readonly [number, RowFault])[],
): Promise<void> {
  const { name } = from.table;
  const values: QuarantinedValue[] = [];
  for (const [key, fault] of rows) {
    if (run.unreadable.has(name, key)) continue;
    run.unreadable.add(name, key, fault);
    run.telemetry.warn('row:unreadable', { table: name, key, ...fault });
    for (const { column, fault } of await findUnreadableColumns(from, key)) {
      const reason = `unreadable in the source: SQLSTATE ${fault.sqlstate}`;
      values.push({ key, column, reason, text: null, row: '{}' });
    }
  }
  await run.writer.writeQuarantine(name, values);
}

/**
 * Quarantines values that Arrow cannot carry, with their exact texts, and texts that are too long, with their length
 * and SHA-256.
 */
export async function quarantineLeftOut(
  run: IngestRun,
  from: SnapshotTable,
  { uncarriable, withLongTexts }: LeftOut,
): Promise<void> {
  const faultsOf = new Map<number, Uncarriable[]>();
  const add = (fault: Uncarriable) => faultsOf.set(fault.key, [...(faultsOf.get(fault.key) ?? []), fault]);
  uncarriable.forEach(add);
  for (const key of withLongTexts) (await describeLongTexts(from, key)).forEach(add);
  const keys = [...faultsOf.keys()];
  for (let at = 0; at < keys.length; at += TEXT_ROWS) {
    for (const some of cutByBytes(await measureRows(from, keys.slice(at, at + TEXT_ROWS)))) {
      await quarantineRows(run, from, some, faultsOf);
    }
  }
}

async function quarantineRows(
  run: IngestRun,
  { connection, table }: SnapshotTable,
  keys: readonly number[],
  faultsOf: ReadonlyMap<number, readonly Uncarriable[]>,
): Promise<void> {
  const statement = { text: readExactTexts(table), parameters: [`{${keys.join(',')}}`] };
  const rows = await query<ExactTextsRow>(connection, statement);
  const rowOf = new Map(rows.map(({ key, row }) => [Number(key), row]));
  const values = keys.flatMap((key) => {
    const row = rowOf.get(key) ?? '{}';
    const texts = JSON.parse(row) as Record<string, string | null>;
    return faultsOf.get(key)!.map((fault) => ({ ...fault, row, text: texts[fault.column] ?? null }));
  });
  await run.writer.writeQuarantine(table.name, values);
}

function* cutByBytes(bytesOf: ReadonlyMap<number, number>): Generator<number[]> {
  let keys: number[] = [];
  let total = 0;
  for (const [key, bytes] of bytesOf) {
    if (keys.length > 0 && total + bytes > TEXT_BYTES) {
      yield keys;
      [keys, total] = [[], 0];
    }
    keys.push(key);
    total += bytes;
  }
  yield keys;
}
