import { quoteIdentifiers, type SourceTable } from '@totesys/schema';
import { keyColumn, qualified, type RowSelection, whereSelected } from './row-selection.ts';

/** COPY of the selected rows: their xmin and key, then the named columns, by default the model's in its order. */
export function copyRows(
  table: SourceTable,
  selection: RowSelection,
  names: readonly string[] = Object.keys(table.columns),
): string {
  return copyOf(table, selection, `t.xmin, ${keyColumn(table)}, ${quoteIdentifiers([...names], 't')}`);
}

/** COPY of the selected rows' xmin and key alone. */
export function copyKeys(table: SourceTable, selection: RowSelection): string {
  return copyOf(table, selection, `t.xmin, ${keyColumn(table)}`);
}

function copyOf(table: SourceTable, selection: RowSelection, columns: string): string {
  const rows = `select ${columns} from ${qualified(table)} t${whereSelected(table, selection)}`;
  return `copy (${rows}) to stdout (format binary)`;
}
