import {
  currentView,
  type Dimension,
  type Fact,
  quoteIdentifier,
  type WarehouseColumn,
  warehouseRelation,
} from '@totesys/schema';
import type { Rows } from '../rows/compared-table.ts';

/** What the warehouse does hold: a dimension's rows, or each fact's current version as its view shows it. Other columns do not matter. */
export function actualRows(table: Dimension | Fact): Rows {
  const key = quoteIdentifier(table.key);
  const shown = warehouseRelation(table.kind === 'fact' ? currentView(table) : table.name);
  const cells = table.columns.map((column, i) => `${cellOf(column)} as c${i}`);
  return {
    key,
    parameters: [],
    // The view would be computed whole for it.
    bounds: {
      text: `select min(${key})::text as first, max(${key})::text as last from ${warehouseRelation(table.name)}`,
      parameters: [],
    },
    select: (where) => `select ${key}::bigint as k, ${cells.join(', ')}, false as broken from ${shown} where ${where}`,
  };
}

// A date that the source spells in text is compared as one.
function cellOf({ name, derivation }: WarehouseColumn): string {
  return derivation.kind === 'parsedDate' ? `${quoteIdentifier(name)}::text` : quoteIdentifier(name);
}
