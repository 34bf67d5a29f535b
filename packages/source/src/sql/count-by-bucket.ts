import type { SourceTable } from '@totesys/schema';
import { keyColumn, qualified, type RowSelection, whereSelected } from './row-selection.ts';

/** The rows of a bucket of keys: how many, and the sum of their distances from its first key. */
export interface BucketRow {
  readonly bucket: string;
  readonly rows: string;
  readonly distances: string;
}

/** Counts the selected rows by buckets of 2^$1 keys; $2 is the number of keys of a bucket less one. */
export function countByBucket(table: SourceTable, selection: RowSelection): string {
  const key = keyColumn(table);
  return `select (${key} >> $1::integer)::text as bucket, count(*)::text as rows,
                 sum((${key} & $2::integer)::integer)::text as distances
            from ${qualified(table)} t${whereSelected(table, selection)} group by ${key} >> $1::integer`;
}
