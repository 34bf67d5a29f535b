import type { ProcessedManifest, Store, WarehousePart } from '@totesys/lake';
import type { Telemetry, Transaction } from '@totesys/runtime';
import type { Model, WarehouseTable } from '@totesys/schema';

/** What loading one batch works with, inside its transaction. */
export interface MergeContext {
  readonly transaction: Transaction;
  readonly model: Model;
  readonly store: Store;
  readonly manifest: ProcessedManifest;
  readonly telemetry: Telemetry;
}

/** Returns the parts of the batch that hold a table's rows, or the ids of its deleted rows. */
export function partsOf(load: MergeContext, table: WarehouseTable, role: WarehousePart['role']): WarehousePart[] {
  return load.manifest.parts.filter((part) => part.table === table.name && part.role === role);
}

/** Returns the number of rows that parts hold together. */
export function countRows(parts: readonly WarehousePart[]): number {
  return parts.reduce((sum, part) => sum + part.rows, 0);
}
