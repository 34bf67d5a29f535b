import { checkPredecessor, type Store } from '@totesys/lake';
import { atDatabase, orStop, type PipelineError, type Pool, releasingLocks, silentTelemetry } from '@totesys/runtime';
import { type Model, sourceTablesInOrder } from '@totesys/schema';
import {
  compareSourceLayout,
  completeBefore,
  coverageBefore,
  fenceWindow,
  findIngestAtWork,
  type IngestState,
  openUnlockedSnapshot,
  readIngestState,
  readKeyProofs,
  readWindowPairs,
  type SourceLayout,
  type SourceSnapshot,
} from '@totesys/source';
import { compareHistory, type History } from '../open/compare-history.ts';
import { startingCoverage } from '../open/starting-coverage.ts';
import { BEHIND } from '../report/report-run.ts';
import { readRequests } from '../requests/read-requests.ts';
import type { IngestPlan } from './ingest-plan.ts';
import { planTable, type TablePlanning } from './plan-table.ts';
import { faultOf, isBeyondLimit } from './statement-fault.ts';

/** What the plan of a run works with. */
export interface PlanDeps {
  readonly model: Model;
  readonly source: Pool;
  readonly ingestion: Store;
}

/** The plan's statements wait for no lock of a table, and count no table for minutes: milliseconds. */
const LIMITS = { lockTimeoutMs: 1_000, statementTimeoutMs: 20_000 };

/** Where the next run would begin, and what the plan could not find out about it. */
interface Start {
  readonly history: Pick<History, 'isNew' | 'warning'> | 'behind';
  readonly coverage: TablePlanning['coverage'];
  readonly warnings: readonly string[];
  readonly unknown: readonly string[];
}

/**
 * Plans the next run of ingest with the functions of ingest itself, under one snapshot. It writes nothing, takes no
 * advisory lock, and holds no lock on a table for longer than one statement.
 */
export function planIngest({ model, source, ingestion }: PlanDeps): Promise<IngestPlan> {
  return atDatabase('source', async () => {
    const stops: PipelineError[] = [];
    const state = await orStop('source', stops, async () => {
      const newest = await readIngestState(ingestion);
      if (newest) await checkPredecessor(ingestion, newest.manifest);
      return newest;
    });
    if (stops.length > 0) return { ...NOTHING_FOUND, stops };
    const snapshot = await openUnlockedSnapshot(source, LIMITS);
    try {
      return await planSnapshot({ model, ingestion }, state, snapshot);
    } finally {
      await snapshot.close();
    }
  });
}

const NOTHING_FOUND: Omit<IngestPlan, 'stops'> = {
  newestBatch: 0,
  yields: undefined,
  readAgain: [],
  compatible: [],
  unknown: [],
  tables: [],
  requests: [],
  unanswerable: [],
};

async function planSnapshot(
  { model, ingestion }: Omit<PlanDeps, 'source'>,
  state: IngestState | undefined,
  snapshot: SourceSnapshot,
): Promise<IngestPlan> {
  const [connection] = snapshot.connections;
  const layout = await compareSourceLayout(connection, model, state?.manifest.tables);
  const { proven, warnings } = await readKeyProofs(connection, model);
  const requests = await readRequests(ingestion, model, state?.manifest, silentTelemetry);
  const start = await planStart({ model, ingestion, state, snapshot, layout });
  const { history } = start;
  const stops: PipelineError[] = [...layout.faults];
  const unknown = [...start.unknown];
  const planning: TablePlanning = {
    snapshot,
    state,
    layout,
    proven,
    coverage: start.coverage,
    window: state && history !== 'behind' && !history.isNew ? windowOf(state, snapshot) : undefined,
    pairs: (await readWindowPairs(ingestion, state, model)).tables,
    acceptedDeletes: requests.acceptedDeletes,
    isCounted: history !== 'behind',
    stops,
    unknown,
  };
  const tables = [];
  for (const table of sourceTablesInOrder(model)) tables.push(await planTable(planning, table));
  const other = await findIngestAtWork(connection);
  return {
    newestBatch: state?.manifest.batch ?? 0,
    stops,
    yields: history === 'behind' ? BEHIND : other && `another ingest is at work on this source (${other})`,
    readAgain: [...(history !== 'behind' && history.warning ? [sentence(history.warning)] : []), ...start.warnings],
    compatible: [...layout.warnings, ...warnings],
    unknown,
    tables,
    requests: requests.waiting,
    unanswerable: requests.warnings,
  };
}

// A table that a run cannot read has no layout to compare.
async function planStart(deps: {
  readonly model: Model;
  readonly ingestion: Store;
  readonly state: IngestState | undefined;
  readonly snapshot: SourceSnapshot;
  readonly layout: SourceLayout;
}): Promise<Start> {
  const { state, layout, snapshot } = deps;
  const model = { ...deps.model, source: deps.model.source.filter(({ name }) => layout.tables.has(name)) };
  const whole = { ...deps, telemetry: silentTelemetry };
  const [connection] = snapshot.connections;
  const before = new Map(model.source.map((table) => [table.name, coverageBefore(state, table)] as const));
  try {
    const history = await releasingLocks(connection, () => compareHistory(whole, { state, snapshot, layout }));
    if (history === 'behind') return { history, coverage: before, warnings: [], unknown: [] };
    const start = { ...whole, model, isNew: history.isNew };
    const { coverage, warnings } = await releasingLocks(connection, () => startingCoverage(start));
    return { history, coverage, warnings, unknown: [] };
  } catch (error) {
    const fault = faultOf(error, 'The source');
    if (!isBeyondLimit(fault)) throw fault;
    const unknown = `${fault.message} The source was not compared completely with the last batch.`;
    return { history: { isNew: false }, coverage: before, warnings: [], unknown: [unknown] };
  }
}

// A scan looks for all changes since the last scan, because hints may have missed some of them.
function windowOf({ manifest }: IngestState, { fence }: SourceSnapshot): TablePlanning['window'] {
  return fenceWindow({ ...manifest.fence.to, xmin: completeBefore(manifest) }, fence);
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase()}${text.slice(1)}.`;
}
