import type { Connection } from '@totesys/runtime';
import type { Hashing } from '../sql/cell.ts';
import type { DifferingKey, Pair } from './compare-range.ts';
import { type ComparedTable, type Rows, selectCells } from './compared-table.ts';
import type { ColumnDifference, Difference } from './difference.ts';

/** How differences are named. */
export interface Naming {
  readonly hashing: Hashing;
  readonly showValues: boolean;
}

interface CellRow {
  readonly key: string;
  readonly [cell: `${'h' | 't'}${number}`]: string | null;
}

/** Names each differing key; of the first `room` of them it fetches both rows and names the columns. */
export async function nameDifferences(
  table: ComparedTable,
  pair: Pair,
  keys: readonly DifferingKey[],
  naming: Naming,
  room: number,
): Promise<Map<number, Difference>> {
  const wanted = keys.slice(0, room).filter(({ kind }) => kind === 'differs');
  const [expected, actual] = await Promise.all([
    readCells(pair.source, table, table.expected, wanted, naming),
    readCells(pair.warehouse, table, table.actual, wanted, naming),
  ]);
  return new Map(
    keys.map(({ key, kind }) => {
      const [one, other] = [expected.get(key), actual.get(key)];
      const columns = one && other && compareColumns(table, one, other);
      return [key, { table: table.name, id: table.describeKey(key), kind, ...columns }];
    }),
  );
}

async function readCells(
  connection: Connection,
  table: ComparedTable,
  rows: Rows,
  keys: readonly DifferingKey[],
  { hashing, showValues }: Naming,
): Promise<Map<number, CellRow>> {
  if (keys.length === 0) return new Map();
  const wanted = keys.map(({ key }) => key);
  const { text, parameters } = selectCells(table, rows, wanted, hashing, showValues);
  const found = (await connection.unsafe(text, parameters as never[])) as unknown as CellRow[];
  return new Map(found.map((row) => [Number(row.key), row]));
}

function compareColumns(table: ComparedTable, expected: CellRow, actual: CellRow) {
  const values: Record<string, ColumnDifference> = {};
  table.columns.forEach(({ name }, i) => {
    if (expected[`h${i}`] === actual[`h${i}`]) return;
    values[name] = { expected: expected[`t${i}`] ?? null, got: actual[`t${i}`] ?? null };
  });
  return { columns: Object.keys(values), values };
}
