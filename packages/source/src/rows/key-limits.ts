import type { SourceTable } from '@totesys/schema';

/** Returns the least and the greatest key that a table can hold. */
export function keyLimits(table: SourceTable): { least: number; most: number } {
  return table.columns[table.key]!.type.kind === 'bigint'
    ? { least: Number.MIN_SAFE_INTEGER, most: Number.MAX_SAFE_INTEGER }
    : { least: -0x80000000, most: 0x7fffffff };
}
