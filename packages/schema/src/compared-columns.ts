import { quoteIdentifier } from './quote-identifier.ts';
import type { WarehouseTable } from './warehouse-table.ts';

/**
 * A table's columns as two rows of it are compared, in SQL: texts by their bytes, since the collation of a column that somebody else made may
 * take different texts for equal, and a change of case or accent would never arrive.
 */
export function comparedColumns(table: WarehouseTable, alias: string): string {
  return table.columns
    .map(({ name, type }) => {
      const column = `${alias}.${quoteIdentifier(name)}`;
      return type.kind === 'text' || type.kind === 'varchar' ? `${column} collate "C"` : column;
    })
    .join(', ');
}
