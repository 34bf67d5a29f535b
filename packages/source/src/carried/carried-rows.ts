import { KeySet, readIngestionManifest, type Store } from '@totesys/lake';
import type { Model, SourceTable } from '@totesys/schema';
import { describeLayoutChange, findAddedPartitions } from '../layout/layout-change.ts';
import { readSourceLayout, type TableLayout } from '../layout/source-layout.ts';
import { fenceNumber, widenTransactionId } from '../snapshot/fence.ts';
import { compareIdentity } from '../snapshot/source-identity.ts';
import type { SourceSnapshot } from '../snapshot/source-snapshot.ts';
import { findOtherHistory } from '../witness/find-other-history.ts';
import { completeBefore } from './complete-before.ts';
import { coverageBefore, type IngestState, readKnownKeys } from './ingest-state.ts';
import { readWindowPairs } from './read-window-pairs.ts';

/** A row's key and its 32-bit `xmin` in a snapshot; undefined if no row has the key. */
export interface RowXmin {
  readonly key: number;
  readonly xmin: number | undefined;
}

/** The rows of the source that the batches up to one of them carry. */
export interface CarriedRows {
  /** Returns whether one of those batches carries the row as it is in the snapshot, or its deletion. */
  has(table: SourceTable, row: RowXmin): boolean;
}

/**
 * Reads which rows of a later snapshot the batches up to `batch` (0: none) carry, from their fence, window pairs,
 * coverage and known keys. If the source has another history, or is behind the batch, they carry none.
 */
export async function readCarriedRows(
  batch: number,
  { model, ingestion, snapshot }: { model: Model; ingestion: Store; snapshot: SourceSnapshot },
): Promise<CarriedRows> {
  if (batch === 0) return { has: () => false };
  const state = await readIngestionManifest(ingestion, batch);
  if (compareIdentity(state.manifest, snapshot) !== 'same') return { has: () => false };
  const pairs = await readWindowPairs(ingestion, state, model);
  const layout = await readSourceLayout(snapshot.connections[0], model);
  const complete = completeBefore(state.manifest);
  const witnessed = { model, state, snapshot, layout, completeBefore: complete, pairs: pairs.tables };
  if ((await findOtherHistory(witnessed)) !== undefined) {
    return { has: () => false };
  }
  const isSame = new Set(
    model.source.map(({ name }) => name).filter((name) => isUnchanged(state, name, layout.tables.get(name)!)),
  );
  const known = new Map<string, KeySet>();
  for (const table of model.source) known.set(table.name, await readKnownKeys(ingestion, state, table));
  const xmax = fenceNumber(snapshot.fence.xmax);
  return {
    has: (table, { key, xmin }) => {
      const coverage = isSame.has(table.name) ? coverageBefore(state, table) : 'none';
      if (coverage === 'none' || (typeof coverage === 'object' && key > coverage.through)) return false;
      const isKnown = (known.get(table.name) ?? KeySet.empty).has(key);
      if (xmin === undefined || !isKnown) return xmin === undefined && !isKnown;
      const id = widenTransactionId(xmin, xmax);
      return id < fenceNumber(complete) || pairs.tables.get(table.name)?.has(id, key) === true;
    },
  };
}

function isUnchanged({ manifest }: IngestState, table: string, now: TableLayout): boolean {
  const before = manifest.tables[table]?.layout;
  if (!before) return false;
  return describeLayoutChange(before, now) === undefined && findAddedPartitions(before, now).length === 0;
}
