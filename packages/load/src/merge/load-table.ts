import { encodeCopy } from '@totesys/columns';
import type { WarehousePart } from '@totesys/lake';
import { copyIn } from '@totesys/runtime';
import type { Calendar, Dimension, Fact, WarehouseTable } from '@totesys/schema';
import * as merge from '../sql/merge.ts';
import { type BatchLoad, copyRows, partsOf, readParts } from './batch-load.ts';
import { insertStaged, loadFirstVersions } from './load-first-versions.ts';

/** From this many rows on the planner is told about a stage, since it cannot look into it by itself. */
const ANALYZE_ROWS = 1_000;

/** Brings the calendar or a dimension up to date; gives the rows that it added or changed. */
export async function loadDimension(load: BatchLoad, table: Calendar | Dimension): Promise<number> {
  const parts = partsOf(load, table, 'rows');
  if (parts.length === 0) return 0;
  await fillStage(load, table, parts);
  const merged = await load.sql.unsafe(merge.mergeLatest(table));
  return merged.count;
}

/** Adds the new versions of a fact and records its deletions; gives the versions added. A row without its dimension row is held. */
export async function loadFact(load: BatchLoad, fact: Fact): Promise<number> {
  const { sql, model, manifest } = load;
  await loadDeletions(load, fact);
  const parts = partsOf(load, fact, 'rows');
  const [held] = await sql.unsafe('select exists (select from etl.held where fact = $1::text) as any', [fact.name]);
  const holdsAny = held?.any === true;
  if (parts.length === 0 && !holdsAny) return 0;
  if (!holdsAny) {
    const first = await loadFirstVersions(load, fact, parts);
    if (first !== undefined) return first;
  }
  await fillStage(load, fact, parts);
  if (holdsAny) await sql.unsafe(merge.dropReplacedHeld(fact), [fact.name]);
  await sql.unsafe(merge.holdUnreferenced(model, fact), [fact.name, manifest.batch]);
  // What this batch itself holds waits for another one: its dimensions are all in by now.
  if (holdsAny) await sql.unsafe(merge.releaseHeld(model, fact), [fact.name]);
  // Once the stage has what arrives and nothing else: a fact that comes back and waits must not show as what it was.
  await sql.unsafe(merge.restoreReappeared(fact), [fact.name, manifest.batch]);
  return insertStaged(load, fact, parts);
}

async function loadDeletions(load: BatchLoad, fact: Fact): Promise<void> {
  const { sql, store, manifest } = load;
  const parts = partsOf(load, fact, 'deleted');
  if (parts.length === 0) return;
  await sql.unsafe(merge.createDeletedStage(fact));
  const column = fact.columns.filter(({ name }) => name === fact.key);
  await copyIn(sql, merge.copyDeleted(fact), encodeCopy(readParts(store, parts), column));
  await sql.unsafe(merge.dropDeletedHeld(fact), [fact.name]);
  await sql.unsafe(merge.recordDeletions(fact), [fact.name, manifest.batch]);
}

async function fillStage(load: BatchLoad, table: WarehouseTable, parts: readonly WarehousePart[]): Promise<void> {
  await load.sql.unsafe(merge.createStage(table));
  if (parts.length === 0) return;
  await copyRows(load, table, merge.stageOf(table.name), parts);
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  if (rows >= ANALYZE_ROWS) await load.sql.unsafe(`analyze ${merge.stageOf(table.name)}`);
}
