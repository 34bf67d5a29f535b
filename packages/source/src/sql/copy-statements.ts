import type { SourceTable } from '@totesys/schema';
import { carriedValue, markLongTexts } from './long-texts.ts';
import { keyColumn, qualified, type RowSelection, whereSelected } from './row-selection.ts';

/**
 * COPY of the selected rows: their xmin and key, then the named columns, by default the model's in its order, then a
 * mark if the table has texts. A text that the lakes do not carry is null, and the mark of its row is not.
 */
export function copyRows(
  table: SourceTable,
  selection: RowSelection,
  names: readonly string[] = Object.keys(table.columns),
): string {
  const values = names.map((name) => carriedValue(table, name));
  return copyOf(table, selection, ['t.xmin', keyColumn(table), ...values, ...markLongTexts(table, names)].join(', '));
}

/** COPY of the selected rows' xmin and key alone. */
export function copyKeys(table: SourceTable, selection: RowSelection): string {
  return copyOf(table, selection, `t.xmin, ${keyColumn(table)}`);
}

function copyOf(table: SourceTable, selection: RowSelection, columns: string): string {
  const rows = `select ${columns} from ${qualified(table)} t${whereSelected(table, selection)}`;
  return `copy (${rows}) to stdout (format binary)`;
}
