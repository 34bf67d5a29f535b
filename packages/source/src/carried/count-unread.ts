import { type KeySet, KeySetBuilder, type Store } from '@totesys/lake';
import { atDatabase, PipelineError, type Pool } from '@totesys/runtime';
import { type Model, type SourceTable, sourceTablesInOrder } from '@totesys/schema';
import { readSourceLayout } from '../layout/source-layout.ts';
import { type CountedTable, countCovered } from '../rows/count-covered.ts';
import { selectInWindow } from '../rows/coverage.ts';
import { type RowCounts, readKeyProofs } from '../rows/distinct-keys.ts';
import { readKeys } from '../rows/read-rows.ts';
import { type FenceWindow, fenceNumber, fenceWindow, widenTransactionId } from '../snapshot/fence.ts';
import { compareIdentity } from '../snapshot/source-identity.ts';
import { openSourceSnapshot, type SourceSnapshot } from '../snapshot/source-snapshot.ts';
import type { RowSelection } from '../sql/row-selection.ts';
import { findOtherHistory } from '../witness/find-other-history.ts';
import type { Witnessed } from '../witness/witnessed.ts';
import { completeBefore } from './complete-before.ts';
import { coverageBefore, knownKeyCount, readIngestState } from './ingest-state.ts';
import { readWindowPairs } from './read-window-pairs.ts';
import type { WindowPairs } from './window-pairs.ts';

/**
 * The unread rows of one table: changed and deleted since the last batch; `isCovered` is false if some rows have
 * never been read.
 */
export interface UnreadRows {
  readonly table: string;
  readonly changed: number;
  readonly deleted: number;
  readonly isCovered: boolean;
}

/** What the count works with. */
export interface UnreadDeps {
  readonly model: Model;
  readonly source: Pool;
  readonly ingestion: Store;
}

/** Counts what the next ingest would find in each table. Returns undefined while another ingest is at work. */
export function countUnread(deps: UnreadDeps): Promise<UnreadRows[] | undefined> {
  return atDatabase('source', async () => {
    const snapshot = await openSourceSnapshot(deps.source, deps.model);
    if (!snapshot) return undefined;
    try {
      return await countChanges(deps, snapshot);
    } finally {
      await snapshot.close();
    }
  });
}

async function countChanges({ model, ingestion }: UnreadDeps, snapshot: SourceSnapshot): Promise<UnreadRows[]> {
  const state = await readIngestState(ingestion);
  const tables = sourceTablesInOrder(model).map((table) => ({
    table,
    coverage: coverageBefore(state, table),
    rows: knownKeyCount(state, table),
  }));
  const pairs = await readWindowPairs(ingestion, state, model);
  // No row of a new history has been read, and the fence does not apply to its transaction ids.
  if (!state || (await hasOtherHistory(model, { state, snapshot, pairs: pairs.tables }))) {
    return tables.map(({ table }) => ({ table: table.name, changed: 0, deleted: 0, isCovered: false }));
  }
  const window = fenceWindow({ ...state.manifest.fence.to, xmin: completeBefore(state.manifest) }, snapshot.fence);
  const { proven } = await readKeyProofs(snapshot.connections[0], model);
  const counts = await countCovered(snapshot, { window, proven }, tables);
  const unread: UnreadRows[] = [];
  for (const counted of tables) {
    const carried = pairs.tables.get(counted.table.name);
    unread.push(await countUnreadOf(snapshot, counted, counts.get(counted.table.name), { window, carried }));
  }
  return unread;
}

/** Counts the unread rows of one table, whose covered rows are counted already; undefined if none are covered. */
export async function countUnreadOf(
  snapshot: Pick<SourceSnapshot, 'connections' | 'fence'>,
  { table, coverage, rows }: CountedTable,
  count: RowCounts | undefined,
  { window, carried }: { window: FenceWindow; carried: WindowPairs | undefined },
): Promise<UnreadRows> {
  const changed = count?.inWindow
    ? (await readChangedKeys(snapshot, table, selectInWindow(table, coverage, count), { window, carried })).count
    : 0;
  const isCovered = coverage === 'full';
  // A lower bound: each new key offsets one deleted key in the count. Only a comparison of all keys finds them.
  const deleted = isCovered && count ? Math.max(0, rows - count.total) : 0;
  return { table: table.name, changed, deleted, isCovered };
}

async function readChangedKeys(
  { connections, fence }: Pick<SourceSnapshot, 'connections' | 'fence'>,
  table: SourceTable,
  selection: RowSelection,
  { window, carried }: { window: FenceWindow; carried: WindowPairs | undefined },
): Promise<KeySet> {
  const xmax = fenceNumber(fence.xmax);
  const changed = new KeySetBuilder();
  await readKeys({ connection: connections[0], table, window }, selection, (xmin, key) => {
    if (!carried?.has(widenTransactionId(xmin, xmax), key)) changed.add(key);
  });
  return changed.build();
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
  if (layout === undefined) return false;
  const witnessed = { model, state, snapshot, layout, completeBefore: completeBefore(state.manifest), pairs };
  return (await findOtherHistory(witnessed)) !== undefined;
}
