import type { Connection } from '@totesys/runtime';
import type { Hashing } from './cell.ts';
import type { DifferingKey, Pair } from './compare-ranges.ts';
import { type ComparedTable, type Rows, selectCells } from './compared-table.ts';
import type { ColumnDifference, Difference, TableCounts } from './difference.ts';

/** Rows that one statement fetches. */
const FETCH_ROWS = 500;

/** What a differing row is: a difference, or a reason for which it may differ. */
export interface NamedKey {
  readonly key: number;
  readonly verdict: 'difference' | Extract<keyof TableCounts, 'quarantined' | 'held' | 'kept'>;
  readonly difference: Difference;
}

/** How differences are named. */
export interface Naming {
  readonly hashing: Hashing;
  readonly showValues: boolean;
  /** Ids of each fact that wait for a dimension row. */
  readonly held: ReadonlyMap<string, ReadonlySet<number>>;
}

interface CellRow {
  readonly key: string;
  readonly broken: boolean;
  readonly [cell: `${'h' | 't'}${number}`]: string | null;
}

/** Fetches the rows of differing keys, some hundreds at a time, and says of each what it is. */
export async function* nameDifferences(
  table: ComparedTable,
  pair: Pair,
  keys: readonly DifferingKey[],
  naming: Naming,
): AsyncGenerator<NamedKey[]> {
  for (let at = 0; at < keys.length; at += FETCH_ROWS) {
    const chunk = keys.slice(at, at + FETCH_ROWS);
    const [expected, actual] = await Promise.all([
      readCells(pair.source, table, table.expected, chunk, naming),
      readCells(pair.warehouse, table, table.actual, chunk, naming),
    ]);
    yield chunk.map((differing) => {
      const [one, other] = [expected.get(differing.key), actual.get(differing.key)];
      return {
        key: differing.key,
        verdict: verdictOf(table, differing, one, naming),
        difference: {
          table: table.name,
          id: table.describeKey(differing.key),
          kind: differing.kind,
          ...(one && other && compareColumns(table, one, other)),
        },
      };
    });
  }
}

function verdictOf(
  table: ComparedTable,
  { key, kind }: DifferingKey,
  expected: CellRow | undefined,
  { held }: Naming,
): NamedKey['verdict'] {
  if (expected?.broken) return 'quarantined';
  if (held.get(table.name)?.has(key)) return 'held';
  return kind === 'extra' && table.keepsRows ? 'kept' : 'difference';
}

async function readCells(
  connection: Connection,
  table: ComparedTable,
  rows: Rows,
  keys: readonly DifferingKey[],
  { hashing, showValues }: Naming,
): Promise<Map<number, CellRow>> {
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
