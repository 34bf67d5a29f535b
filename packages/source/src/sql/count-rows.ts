import type { SourceTable } from '@totesys/schema';
import {
  IN_WINDOW,
  IS_FOUND,
  keyColumn,
  qualified,
  type RowSelection,
  whereSelected,
  whereSelectedOrNull,
} from './row-selection.ts';

/** What `countRows` counts; a count is missing if it was not requested. */
export interface RowCountsRow {
  readonly total: string;
  readonly in_window?: string;
  /** JSON: the keys of rows in the window, at most `MOST_FOUND_KEYS`. */
  readonly found?: string;
  readonly keys?: string;
}

/** What a count returns besides the number of rows. */
export interface CountOptions {
  /** The rows in the fence's window: their number, or the keys of the first of them. */
  readonly window?: 'count' | 'keys';
  /** The number of distinct keys; the count then includes rows whose key is null. */
  readonly distinct?: boolean;
}

/** Counts the selected rows: the only scan of a run that finds few changes. */
export function countRows(
  table: SourceTable,
  selection: RowSelection,
  { window, distinct = false }: CountOptions,
): string {
  const key = keyColumn(table);
  const counts = ['count(*)::text as total'];
  if (window === 'count') counts.push(`(count(*) filter (where ${IN_WINDOW}))::text as in_window`);
  if (window === 'keys') counts.push(`coalesce(json_agg(${key}) filter (where ${IS_FOUND}), '[]')::text as found`);
  if (distinct) counts.push(`count(distinct ${key})::text as keys`);
  const where = distinct ? whereSelectedOrNull(table, selection) : whereSelected(table, selection);
  return `select ${counts.join(', ')} from ${qualified(table)} t${where}`;
}

/** A key, null if the rows have none, and how many rows have it. */
export interface RepeatedKeyRow {
  readonly key: string | null;
  readonly rows: string;
}

/** Finds one key that several of the selected rows have, or null if a row of the table has no key. */
export function findRepeatedKey(table: SourceTable, selection: RowSelection): string {
  const key = keyColumn(table);
  return `select ${key}::text as key, count(*)::text as rows
            from ${qualified(table)} t${whereSelectedOrNull(table, selection)}
           group by ${key} having count(*) > 1 or ${key} is null order by ${key} limit 1`;
}

/** The bounds of keys; null if no row is selected. */
export interface KeyBoundsRow {
  readonly first: string | null;
  readonly last: string | null;
}

/** Finds the least and the greatest key of the selected rows. */
export function boundKeys(table: SourceTable, selection: RowSelection): string {
  const key = keyColumn(table);
  const rows = `${qualified(table)} t${whereSelected(table, selection)}`;
  return `select min(${key})::text as first, max(${key})::text as last from ${rows}`;
}
