import type { ColumnType } from './column-type.ts';
import { lakeColumns } from './lake-columns.ts';
import { findPartitionKey, PARTITION_KEYS } from './partition-keys.ts';
import type { WarehouseTable } from './warehouse-table.ts';

/**
 * Throws if a column has the name of a partition key, or if two names differ only in their case: query engines that
 * read folders of the lake cannot show such columns.
 */
export function checkColumnNames(table: string, names: readonly string[]): void {
  const hidden = findPartitionKey(names);
  if (hidden !== undefined) {
    throw new Error(
      `Column '${hidden}' of table '${table}' has the name of a partition key: ` +
        `expected none of ${PARTITION_KEYS.join(', ')}, in upper or lower case. ` +
        "Engines would show the folder's value in its place. Give the column another name.",
    );
  }
  const twice = findTwice(names);
  if (twice === undefined) return;
  throw new Error(
    `Table '${table}' has two columns '${twice}' in the lake: expected names that differ in more than their case. ` +
      'Give one of them another name.',
  );
}

/** Returns the names of a warehouse table's columns in the processed lake. */
export function columnNames(table: WarehouseTable): string[] {
  const columns: readonly { readonly name: string; readonly type: ColumnType }[] = table.columns;
  return lakeColumns({ columns }).map(({ name }) => name);
}

/** Returns the first name that equals an earlier one when case is ignored; undefined if there is none. */
export function findTwice(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name.toLowerCase()).size);
}
