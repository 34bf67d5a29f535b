import type { Coverage } from '@totesys/lake';
import { ErrorCode, type PipelineError, releasingLocks, SqlState } from '@totesys/runtime';
import type { SourceTable } from '@totesys/schema';
import {
  countCovered,
  countUnreadOf,
  describeForbidden,
  estimateRows,
  type FenceWindow,
  type IngestState,
  knownKeyCount,
  type RowEstimate,
  type SourceLayout,
  type SourceSnapshot,
  type UnreadRows,
  type WindowPairs,
} from '@totesys/source';
import { checkDeletes } from '../read/check-deletes.ts';
import type { PlannedTable } from './ingest-plan.ts';
import { faultOf, isBeyondLimit } from './statement-fault.ts';

/** What the plans of all tables share; `stops` and `unknown` take what they find. */
export interface TablePlanning {
  readonly snapshot: SourceSnapshot;
  readonly state: IngestState | undefined;
  readonly layout: SourceLayout;
  readonly proven: ReadonlySet<string>;
  /** How far each table is covered when the run begins. */
  readonly coverage: ReadonlyMap<string, Coverage>;
  /** Undefined before the first batch and in a new history, where all rows are read. */
  readonly window: FenceWindow | undefined;
  readonly pairs: ReadonlyMap<string, WindowPairs>;
  readonly acceptedDeletes: ReadonlySet<string>;
  /** False if the run would read no table. */
  readonly isCounted: boolean;
  readonly stops: PipelineError[];
  readonly unknown: string[];
}

/** Plans one table: counts its changes by the scan that ingest makes, and estimates the rows that are not covered. */
export async function planTable(planning: TablePlanning, table: SourceTable): Promise<PlannedTable> {
  const { state, layout, coverage: coverages, isCounted, stops } = planning;
  const coverage = coverages.get(table.name) ?? 'none';
  const known = knownKeyCount(state, table);
  const planned = { table: table.name, known, coverage, changed: undefined, deleted: undefined, uncovered: undefined };
  if (!isCounted || !layout.tables.has(table.name)) return planned;
  const stopsBefore = stops.length;
  const unread = await attempt(planning, table, () => countChanges(planning, table, coverage));
  const counted = { ...planned, changed: unread?.changed, deleted: unread?.deleted };
  if (coverage === 'full' || stops.length > stopsBefore) return counted;
  return { ...counted, uncovered: await attempt(planning, table, () => estimateUncovered(planning, table, coverage)) };
}

// Returns undefined if the plan cannot find it out, or the run would stop for it.
async function attempt<T>(planning: TablePlanning, table: SourceTable, work: () => Promise<T>): Promise<T | undefined> {
  const [connection] = planning.snapshot.connections;
  try {
    return await releasingLocks(connection, work);
  } catch (error) {
    const fault = faultOf(error, `Table 'public.${table.name}' of the source`);
    if (fault.code === ErrorCode.CONNECTION_FAILED) throw fault;
    if (isBeyondLimit(fault)) planning.unknown.push(`${fault.message} Its changes were not counted.`);
    else if (fault.context.sqlstate === SqlState.insufficientPrivilege) {
      planning.stops.push(await describeForbidden(connection, fault, table.name));
    } else planning.stops.push(fault);
    return undefined;
  }
}

async function countChanges(
  { snapshot, proven, window, pairs, state, acceptedDeletes }: TablePlanning,
  table: SourceTable,
  coverage: Coverage,
): Promise<Pick<UnreadRows, 'changed' | 'deleted'> | undefined> {
  if (window === undefined || coverage === 'none') return undefined;
  const counted = { table, coverage, rows: knownKeyCount(state, table) };
  const counts = await countCovered(snapshot, { window, proven }, [counted]);
  const carried = pairs.get(table.name);
  const unread = await countUnreadOf(snapshot, counted, counts.get(table.name), { window, carried });
  checkDeletes(table.name, unread.deleted, counted.rows, acceptedDeletes);
  return unread;
}

function estimateUncovered({ snapshot }: TablePlanning, table: SourceTable, coverage: Coverage): Promise<RowEstimate> {
  return estimateRows(snapshot.connections[0], table, typeof coverage === 'object' ? coverage.through : undefined);
}
