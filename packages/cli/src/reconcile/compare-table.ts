import type { Connection } from '@totesys/runtime';
import type { Dimension, Fact, Model } from '@totesys/schema';
import type { Difference, TableComparison } from './difference.ts';
import { selectActual, selectExpected } from './expected-rows.ts';
import { mergeRows } from './merge-rows.ts';
import { readRows, type TextRow } from './read-rows.ts';

/** One connection to each side, each in a transaction that sees one snapshot. */
export interface Sides {
  readonly source: Connection;
  readonly warehouse: Connection;
}

/** Compares a dimension or a fact's current state with what the source says; each difference goes to `report` as it is found. */
export async function compareTable(
  model: Model,
  table: Dimension | Fact,
  sides: Sides,
  held: ReadonlySet<number>,
  report: (difference: Difference) => void,
  progress: (rows: number) => void,
): Promise<TableComparison> {
  const count = { expected: 0, actual: 0, missing: 0, extra: 0, differs: 0, quarantined: 0, held: 0 };
  const found = (kind: Difference['kind'], id: number, columns?: readonly string[]) => {
    count[kind]++;
    report({ table: table.name, id, kind, ...(columns && { columns }) });
  };
  const expected = readRows(sides.source, selectExpected(model, table));
  const actual = readRows(sides.warehouse, selectActual(table));
  for await (const { key, left, right } of mergeRows(expected, actual)) {
    if (left) count.expected++;
    if (right) count.actual++;
    if ((count.expected + count.actual) % PROGRESS_ROWS === 0) progress(count.expected);
    if (!left) {
      // A dimension's row is never deleted: the history of facts refers to it.
      if (table.kind === 'fact') found('extra', key);
    } else if (left.isBroken) count.quarantined++;
    else if (held.has(key)) count.held++;
    else if (!right) found('missing', key);
    else {
      const columns = differingColumns(table, left, right);
      if (columns.length > 0) found('differs', key, columns);
    }
  }
  progress(count.expected);
  return { table: table.name, ...count };
}

const PROGRESS_ROWS = 10_000;

function differingColumns(table: Dimension | Fact, expected: TextRow, actual: TextRow): string[] {
  return table.columns
    .filter((column, index) => {
      const value = expected.values[index] ?? null;
      const wanted = column.derivation.kind === 'currencyName' && value !== null ? currencyName(value) : value;
      return wanted !== (actual.values[index] ?? null);
    })
    .map(({ name }) => name);
}

const currencyNames = new Intl.DisplayNames(['en'], { type: 'currency', fallback: 'none' });

function currencyName(code: string): string {
  return /^[A-Za-z]{3}$/.test(code) ? (currencyNames.of(code) ?? code) : code;
}
