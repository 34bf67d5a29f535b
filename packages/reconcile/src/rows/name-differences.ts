import { query } from '@totesys/runtime';
import { type CellsRow, selectCells } from '../sql/select-rows.ts';
import type { DifferingKey } from './compare-range.ts';
import type { ComparedTable } from './compared-table.ts';
import type { ColumnDifference, Difference } from './difference.ts';
import type { Pair } from './snapshots.ts';

/**
 * Returns a difference for each key. For the first `room` keys it fetches both rows and names the columns that differ.
 */
export async function nameDifferences(
  table: ComparedTable,
  pair: Pair,
  keys: readonly DifferingKey[],
  { showValues, room }: { showValues: boolean; room: number },
): Promise<Map<number, Difference>> {
  const inBoth = keys.slice(0, room).filter(({ kind }) => kind === 'differs');
  const wanted = inBoth.map(({ key }) => key);
  const [expected, actual] =
    wanted.length === 0
      ? [new Map<number, CellsRow>(), new Map<number, CellsRow>()]
      : await Promise.all([
          query<CellsRow>(pair.source, selectCells(table, table.expected, wanted, showValues)).then(byKey),
          query<CellsRow>(pair.warehouse, selectCells(table, table.actual, wanted, showValues)).then(byKey),
        ]);
  return new Map(
    keys.map(({ key, kind }) => {
      const [one, other] = [expected.get(key), actual.get(key)];
      const columns = one && other && compareColumns(table, one, other);
      return [key, { table: table.name, id: table.describeKey(key), kind, ...columns }];
    }),
  );
}

function byKey(rows: readonly CellsRow[]): Map<number, CellsRow> {
  return new Map(rows.map((row) => [Number(row.key), row]));
}

function compareColumns(table: ComparedTable, expected: CellsRow, actual: CellsRow) {
  const values: Record<string, ColumnDifference> = {};
  table.columns.forEach(({ name }, i) => {
    if (expected[`h${i}`] === actual[`h${i}`]) return;
    values[name] = { expected: expected[`t${i}`] ?? null, got: actual[`t${i}`] ?? null };
  });
  return { columns: Object.keys(values), values };
}
