import type { SourceTable } from '@totesys/schema';
import { keyColumn, qualified, type RowSelection, whereSelected } from '@totesys/source';

/** The last key of a chunk; null if only rows without a key follow, because null sorts last. */
export interface ChunkEndRow {
  readonly key: string | null;
}

/** Finds the last key of the next chunk of $1 selected rows; no row if fewer are left. */
export function findChunkEnd(table: SourceTable, selection: RowSelection): string {
  const key = keyColumn(table);
  const rows = `${qualified(table)} t${whereSelected(table, selection)}`;
  return `select ${key}::text as key from ${rows} order by ${key} offset $1::bigint - 1 limit 1`;
}
