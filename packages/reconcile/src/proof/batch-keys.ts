import { findIngestionManifest, type IngestionManifest, KeySet, readChangedKeys, type Store } from '@totesys/lake';
import { findSourceTable, type Model } from '@totesys/schema';
import { isLakeFault } from '../lake/is-lake-fault.ts';
import type { TableKeys } from './join-ranges.ts';

/** Batches after one and up to another. */
export interface BatchWindow {
  readonly after: number;
  readonly through: number;
}

/**
 * Reads the keys of warehouse rows that batches may have changed: those of their changed, context and deleted source
 * rows. Of a part that cannot be read it takes the ranges in the manifest, and of a batch without a manifest nothing:
 * the check of the lakes reports both, and the rotation compares the rows.
 */
export async function readBatchKeys(model: Model, ingestion: Store, window: BatchWindow): Promise<TableKeys> {
  const found = new Map<string, KeySet>();
  for (let batch = window.after + 1; batch <= window.through; batch++) {
    const read = await findIngestionManifest(ingestion, batch).catch(ignoreFault);
    if (!read) continue;
    for (const { name, key } of model.source) {
      for (const part of partsOf(read.manifest, name)) {
        const keys = await readChangedKeys(ingestion, part, key).catch(ignoreFault);
        found.set(name, (found.get(name) ?? KeySet.empty).union(keys ?? KeySet.of(part.keys ?? [])));
      }
    }
  }
  const tables = new Map<string, KeySet>();
  for (const table of model.warehouse) {
    const keys = table.kind === 'calendar' ? undefined : found.get(findSourceTable(model, table.source).name);
    if (keys) tables.set(table.name, keys);
  }
  return tables;
}

function partsOf({ parts, deleted }: IngestionManifest, table: string) {
  const changed = parts.filter((part) => part.table === table && part.role !== 'lookup');
  return [...changed, ...deleted.filter((part) => part.table === table)];
}

function ignoreFault(error: unknown): undefined {
  if (!isLakeFault(error)) throw error;
}
