import type { SourceTable } from '@totesys/schema';
import { keyColumn, qualified } from './row-selection.ts';

/** The number of rows that a bounded count found. */
export interface BoundedCountRow {
  readonly rows: number;
}

/** Counts the rows of a table, at most $1 of them. */
export function countAtMost(table: SourceTable): string {
  return `select count(*)::int as rows from (select from ${qualified(table)} t limit $1::int) bounded`;
}

/** Counts the rows with keys above $2, at most $1 of them. */
export function countAtMostAfter(table: SourceTable): string {
  const rows = `select from ${qualified(table)} t where ${keyColumn(table)} > $2::bigint`;
  return `select count(*)::int as rows from (${rows} limit $1::int) bounded`;
}

/** The plan of a statement; the planner estimates the rows of its root. */
export interface PlanRow {
  readonly 'QUERY PLAN': readonly [{ readonly Plan: { readonly 'Plan Rows': number } }];
}

/** Plans, without executing it, a statement that reads all rows of a table. */
export function explainRows(table: SourceTable): string {
  return `explain (format json) select from ${qualified(table)} t`;
}

/** Plans, without executing it, a statement that reads the rows with keys above $1. */
export function explainRowsAfter(table: SourceTable): string {
  return `${explainRows(table)} where ${keyColumn(table)} > $1::bigint`;
}
