import {
  currentView,
  type Dimension,
  type Fact,
  quoteIdentifier,
  type WarehouseColumn,
  warehouseRelation,
} from '@totesys/schema';
import type { SideRows } from './side-rows.ts';

/**
 * Returns the rows that the warehouse has: those of a dimension, or the current version of each fact. Columns that the
 * model lacks do not matter.
 */
export function actualRows(table: Dimension | Fact): SideRows {
  const key = quoteIdentifier(table.key);
  const relation = warehouseRelation(table.kind === 'fact' ? currentView(table) : table.name);
  const cells = table.columns.map((column, i) => `${cellOf(column)} as c${i}`);
  return {
    key,
    parameters: [],
    // From the table: for the bounds, Postgres would compute the whole view.
    bounds: {
      text: `select min(${key})::text as first, max(${key})::text as last from ${warehouseRelation(table.name)}`,
    },
    select: (where) =>
      `select ${key}::bigint as k, ${cells.join(', ')}, false as broken from ${relation} where ${where}`,
  };
}

// The source has this date as text, so both are compared as text.
function cellOf({ name, derivation }: WarehouseColumn): string {
  return derivation.kind === 'parsedDate' ? `${quoteIdentifier(name)}::text` : quoteIdentifier(name);
}
