import { quoteIdentifier } from './quote-identifier.ts';
import type { WarehouseTable } from './warehouse-table.ts';

/**
 * Returns a table's columns as SQL that compares two rows. Texts are compared by their bytes: the collation of a
 * prepared warehouse may treat different texts as equal, and load would miss a change of case or accent.
 */
export function comparedColumns(table: WarehouseTable, alias: string): string {
  return table.columns
    .map(({ name, type }) => {
      const column = `${alias}.${quoteIdentifier(name)}`;
      return type.kind === 'text' || type.kind === 'varchar' ? `${column} collate "C"` : column;
    })
    .join(', ');
}
