import { KeySetBuilder, type Store } from '@totesys/lake';
import { atDatabase, PipelineError, type Pool } from '@totesys/runtime';
import { type Model, sourceTablesInOrder } from '@totesys/schema';
import { readSourceLayout } from '../layout/source-layout.ts';
import { countCovered } from '../rows/count-covered.ts';
import { readKeyProofs } from '../rows/distinct-keys.ts';
import { readKeys } from '../rows/read-rows.ts';
import { fenceNumber, fenceWindow, widenTransactionId } from '../snapshot/fence.ts';
import { compareIdentity } from '../snapshot/source-identity.ts';
import { openSourceSnapshot, type SourceSnapshot } from '../snapshot/source-snapshot.ts';
import type { RowSelection } from '../sql/select-rows.ts';
import { findOtherHistory, type Witnessed } from '../witness/find-other-history.ts';
import { coverageBefore, knownKeyCount, readIngestState, readWindowPairs } from './ingest-state.ts';

/** What waits in one table: rows changed since the last batch, rows gone, and whether some have never been read. */
export interface UnreadRows {
  readonly table: string;
  readonly changed: number;
  readonly deleted: number;
  readonly isCovered: boolean;
}

/** Counts what the next ingest would find in each table; undefined where another ingest is at work, which knows better. */
export function countUnread(deps: UnreadDeps): Promise<UnreadRows[] | undefined> {
  return atDatabase('source', () => countChanges(deps));
}

interface UnreadDeps {
  readonly model: Model;
  readonly source: Pool;
  readonly ingestion: Store;
}

async function countChanges(deps: UnreadDeps): Promise<UnreadRows[] | undefined> {
  const snapshot = await openSourceSnapshot(deps.source, deps.model);
  if (!snapshot) return undefined;
  try {
    const state = await readIngestState(deps.ingestion);
    const tables = sourceTablesInOrder(deps.model).map((table) => ({ table, coverage: coverageBefore(state, table) }));
    // Of another history nothing has been read, and its transaction ids mean nothing beside the fence.
    const pairs = await readWindowPairs(deps.ingestion, state, deps.model);
    if (!state || (await hasOtherHistory(deps.model, { state, snapshot, pairs: pairs.tables }))) {
      return tables.map(({ table }) => ({ table: table.name, changed: 0, deleted: 0, isCovered: false }));
    }
    const window = fenceWindow(state.manifest.fence.to, snapshot.fence);
    const { proven } = await readKeyProofs(snapshot.connections[0], deps.model);
    const counts = await countCovered(snapshot, { window, proven }, tables);
    const xmax = fenceNumber(snapshot.fence.xmax);
    const unread: UnreadRows[] = [];
    for (const { table, coverage } of tables) {
      const count = counts.get(table.name);
      const changed = new KeySetBuilder();
      if (count && count.inWindow > 0) {
        const selection: RowSelection = { inWindow: true, ...(typeof coverage === 'object' && coverage) };
        await readKeys(snapshot.connections[0], table, selection, window, (shown, key) => {
          const isCarried = pairs.tables.get(table.name)?.has(widenTransactionId(shown, xmax), key);
          if (!isCarried) changed.add(key);
        });
      }
      const isCovered = coverage === 'full';
      // New keys hide as many deleted ones in a count: what ingest compares key by key is told here as a lower bound.
      const deleted = isCovered && count ? Math.max(0, knownKeyCount(state, table) - count.total) : 0;
      unread.push({ table: table.name, changed: changed.build().count, deleted, isCovered });
    }
    return unread;
  } finally {
    await snapshot.close();
  }
}

async function hasOtherHistory(
  model: Model,
  { state, snapshot, pairs }: Pick<Witnessed, 'state' | 'pairs'> & { snapshot: SourceSnapshot },
): Promise<boolean> {
  const continuity = compareIdentity(state.manifest, snapshot);
  if (continuity !== 'same') return continuity === 'new-history';
  // A schema that stops ingest does not stop a count.
  const layout = await readSourceLayout(snapshot.connections[0], model).catch((error) => {
    if (error instanceof PipelineError) return undefined;
    throw error;
  });
  return layout !== undefined && (await findOtherHistory({ model, state, snapshot, layout, pairs })) !== undefined;
}
