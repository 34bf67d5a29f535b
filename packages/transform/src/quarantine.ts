import { quarantineRows } from '@totesys/lake';
import type * as arrow from 'apache-arrow';
import type { BrokenValue } from './derive-rows.ts';

/** Broken values as rows: their key, where they were meant for, the source column, the reason, the exact text and the whole row. */
export function brokenRows(values: readonly BrokenValue[]): arrow.RecordBatch {
  return quarantineRows(
    ['warehouse_table', 'column', 'reason', 'text', 'row'],
    values.map(({ key, warehouseTable, column, reason, text, row }) => ({
      key,
      texts: [warehouseTable, column, reason, text, row],
    })),
  );
}
