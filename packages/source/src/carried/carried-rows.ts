import { KeySet, readIngestionManifest, type Store } from '@totesys/lake';
import type { Model, SourceTable } from '@totesys/schema';
import { describeLayoutChange, findAddedPartitions } from '../layout/layout-change.ts';
import { readSourceLayout, type TableLayout } from '../layout/source-layout.ts';
import { fenceNumber, widenTransactionId } from '../snapshot/fence.ts';
import { compareIdentity } from '../snapshot/source-identity.ts';
import type { SourceSnapshot } from '../snapshot/source-snapshot.ts';
import { findOtherHistory } from '../witness/find-other-history.ts';
import { coverageBefore, type IngestState, readKnownKeys, readWindowPairs } from './ingest-state.ts';

/** A row of the source as a snapshot shows it: its key, and the 32 bits of the transaction that wrote it, undefined where no row has the key. */
export interface RowState {
  readonly key: number;
  readonly shown: number | undefined;
}

/** What the batches up to one of them say of the source's rows. */
export interface ReadRows {
  /** Whether one of those batches carries the row as it is in the snapshot, or names it deleted where it is gone. */
  has(table: SourceTable, row: RowState): boolean;
}

/**
 * What has been read of the source by the batches up to `batch` (0: none), told by their fence, pairs, coverage and known keys, for
 * the rows that a later snapshot shows. A source with another history, or one that is behind, has none of them read.
 */
export async function readRowsUpTo(
  batch: number,
  { model, ingestion, snapshot }: { model: Model; ingestion: Store; snapshot: SourceSnapshot },
): Promise<ReadRows> {
  if (batch === 0) return { has: () => false };
  const state = await readIngestionManifest(ingestion, batch);
  if (compareIdentity(state.manifest, snapshot) !== 'same') return { has: () => false };
  const pairs = await readWindowPairs(ingestion, state, model);
  const layout = await readSourceLayout(snapshot.connections[0], model);
  if ((await findOtherHistory({ model, state, snapshot, layout, pairs: pairs.tables })) !== undefined) {
    return { has: () => false };
  }
  const isSame = new Set(
    model.source.map(({ name }) => name).filter((name) => isUnchanged(state, name, layout.tables.get(name)!)),
  );
  const known = new Map<string, KeySet>();
  for (const table of model.source) known.set(table.name, await readKnownKeys(ingestion, state, table));
  const xmin = fenceNumber(state.manifest.fence.to.xmin);
  const xmax = fenceNumber(snapshot.fence.xmax);
  return {
    has: (table, { key, shown }) => {
      const coverage = isSame.has(table.name) ? coverageBefore(state, table) : 'none';
      if (coverage === 'none' || (typeof coverage === 'object' && key > coverage.through)) return false;
      const isKnown = (known.get(table.name) ?? KeySet.empty).has(key);
      if (shown === undefined || !isKnown) return shown === undefined && !isKnown;
      const id = widenTransactionId(shown, xmax);
      return id < xmin || pairs.tables.get(table.name)?.has(id, key) === true;
    },
  };
}

function isUnchanged({ manifest }: IngestState, table: string, now: TableLayout): boolean {
  const before = manifest.tables[table]?.layout;
  if (!before) return false;
  return describeLayoutChange(before, now) === undefined && findAddedPartitions(before, now).length === 0;
}
