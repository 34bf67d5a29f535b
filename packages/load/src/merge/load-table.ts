import type { WarehousePart } from '@totesys/lake';
import { execute, query } from '@totesys/runtime';
import type { Calendar, Dimension, Fact, WarehouseTable } from '@totesys/schema';
import { recordDeletions, restoreReappeared } from '../sql/deletions.ts';
import {
  dropDeletedHeld,
  dropReplacedHeld,
  type HoldsAny,
  holdUnreferenced,
  releaseHeld,
  selectHoldsAny,
} from '../sql/held.ts';
import { mergeLatest, recordFirstBatch } from '../sql/merge-latest.ts';
import { createDeletedStaging, createStaging, stagingOf } from '../sql/staging.ts';
import { copyDeletedParts, copyParts } from './copy-parts.ts';
import { fillEmptyDimension } from './fill-empty-dimension.ts';
import { insertFromStaging } from './insert-from-staging.ts';
import { loadFirstVersions } from './load-first-versions.ts';
import { countRows, type MergeContext, partsOf } from './merge-context.ts';

/** A staging of at least this many rows is analyzed: autovacuum does not see temporary tables. */
const ANALYZE_ROWS = 1_000;

/** Merges a batch's rows into the calendar or a dimension. Returns the number of rows inserted or updated. */
export async function loadDimension(load: MergeContext, table: Calendar | Dimension): Promise<number> {
  const parts = partsOf(load, table, 'rows');
  if (parts.length === 0) return 0;
  const { batch } = load.manifest;
  const inserted = await fillEmptyDimension(load, table, parts);
  if (inserted !== undefined) {
    await run(load, recordFirstBatch(table), [batch]);
    return inserted;
  }
  await fillStaging(load, table, parts);
  return run(load, mergeLatest(table), [batch]);
}

/**
 * Records a fact's deletions and inserts its new versions. Returns the number of versions inserted. A row whose
 * dimension row is missing is held.
 */
export async function loadFact(load: MergeContext, fact: Fact): Promise<number> {
  await loadDeletions(load, fact);
  const parts = partsOf(load, fact, 'rows');
  const holdsAny = await hasHeldRows(load, fact);
  if (parts.length === 0 && !holdsAny) return 0;
  if (!holdsAny) {
    const inserted = await loadFirstVersions(load, fact, parts);
    if (inserted !== undefined) return inserted;
  }
  await fillStaging(load, fact, parts);
  await holdAndRelease(load, fact, holdsAny);
  // After `holdAndRelease`, because the staging then lacks held rows: a fact that reappears and is held stays deleted,
  // so its old version is not shown as current.
  await run(load, restoreReappeared(fact), [fact.name, load.manifest.batch]);
  return insertFromStaging(load, fact, parts);
}

async function loadDeletions(load: MergeContext, fact: Fact): Promise<void> {
  const parts = partsOf(load, fact, 'deleted');
  if (parts.length === 0) return;
  await run(load, createDeletedStaging(fact));
  await copyDeletedParts(load, fact, parts);
  await run(load, dropDeletedHeld(fact), [fact.name]);
  await run(load, recordDeletions(fact), [fact.name, load.manifest.batch]);
}

async function hasHeldRows({ transaction }: MergeContext, fact: Fact): Promise<boolean> {
  const [row] = await query<HoldsAny>(transaction, { text: selectHoldsAny, parameters: [fact.name] });
  return row?.any === true;
}

async function fillStaging(load: MergeContext, table: WarehouseTable, parts: readonly WarehousePart[]): Promise<void> {
  await run(load, createStaging(table));
  if (parts.length === 0) return;
  await copyParts(load, table, stagingOf(table.name), parts);
  if (countRows(parts) >= ANALYZE_ROWS) await run(load, `analyze ${stagingOf(table.name)}`);
}

// Rows that this batch holds wait for a later one: all dimensions of this batch are merged already.
async function holdAndRelease(load: MergeContext, fact: Fact, holdsAny: boolean): Promise<void> {
  if (holdsAny) await run(load, dropReplacedHeld(fact), [fact.name]);
  await run(load, holdUnreferenced(load.model, fact), [fact.name, load.manifest.batch]);
  if (holdsAny) await run(load, releaseHeld(load.model, fact), [fact.name]);
}

function run(load: MergeContext, text: string, parameters: readonly (string | number)[] = []): Promise<number> {
  return execute(load.transaction, { text, parameters });
}
