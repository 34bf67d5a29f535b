import type { Uncarriable } from '@totesys/columns';
import type { QuarantinedValue } from '@totesys/lake';
import { query } from '@totesys/runtime';
import { findUnreadableColumns, type RowFault, type SnapshotTable } from '@totesys/source';
import type { IngestRun } from '../open/ingest-run.ts';
import { type ExactTextsRow, readExactTexts } from '../sql/read-exact-texts.ts';

/** Quarantined rows whose texts one statement reads: each may be long. */
const TEXT_ROWS = 500;

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

/** Quarantines values that Arrow cannot carry, with their exact texts. */
export async function quarantineUncarriable(
  run: IngestRun,
  { connection, table }: SnapshotTable,
  uncarriable: readonly Uncarriable[],
): Promise<void> {
  for (let at = 0; at < uncarriable.length; at += TEXT_ROWS) {
    const values = uncarriable.slice(at, at + TEXT_ROWS);
    const keys = [...new Set(values.map(({ key }) => key))];
    const statement = { text: readExactTexts(table), parameters: [`{${keys.join(',')}}`] };
    const rows = await query<ExactTextsRow>(connection, statement);
    const rowOf = new Map(rows.map(({ key, row }) => [Number(key), row]));
    await run.writer.writeQuarantine(
      table.name,
      values.map((value) => {
        const row = rowOf.get(value.key) ?? '{}';
        const texts = JSON.parse(row) as Record<string, string | null>;
        return { ...value, row, text: texts[value.column] ?? null };
      }),
    );
  }
}
