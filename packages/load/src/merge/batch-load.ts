import { encodeCopy } from '@totesys/columns';
import { type ProcessedManifest, readPart, type Store, type WarehousePart } from '@totesys/lake';
import { copyIn, type Telemetry, type Transaction } from '@totesys/runtime';
import type { Model, WarehouseTable } from '@totesys/schema';
import type * as arrow from 'apache-arrow';
import { copyInto } from '../sql/merge.ts';

/** What loading one batch works with, inside its transaction. */
export interface BatchLoad {
  readonly sql: Transaction;
  readonly model: Model;
  readonly store: Store;
  readonly manifest: ProcessedManifest;
  readonly telemetry: Telemetry;
}

/** COPYs parts of a table into a relation that has its columns. */
export async function copyRows(
  load: BatchLoad,
  table: WarehouseTable,
  relation: string,
  parts: readonly WarehousePart[],
): Promise<void> {
  const total = parts.reduce((sum, part) => sum + part.rows, 0);
  const progress = (rows: number) => load.telemetry.progress(table.name, rows, total);
  const rows = encodeCopy(readParts(load.store, parts, progress), table.columns);
  await copyIn(load.sql, copyInto(relation, table), rows);
}

/** The parts of the batch that bring a table's rows, or the ids of its deleted ones. */
export function partsOf(load: BatchLoad, table: WarehouseTable, role: WarehousePart['role']): WarehousePart[] {
  return load.manifest.parts.filter((part) => part.table === table.name && part.role === role);
}

/** Streams the rows of parts, one part at a time; `progress` hears how many have gone through so far. */
export async function* readParts(
  store: Store,
  parts: readonly WarehousePart[],
  progress: (rows: number) => void = () => {},
): AsyncGenerator<arrow.RecordBatch> {
  let done = 0;
  for (const part of parts) {
    for await (const rows of readPart(store, part)) {
      yield rows;
      done += rows.numRows;
      progress(done);
    }
  }
}
