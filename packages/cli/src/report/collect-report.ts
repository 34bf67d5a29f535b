import { findBeyondThreshold, findLastProofs, findProcessedManifest, type StoredProof } from '@totesys/lake';
import { packBatches, type Question, type ReportData, type RowHistory } from '@totesys/report';
import { atDatabase, inTransaction, ONE_SNAPSHOT } from '@totesys/runtime';
import { describeWarehouse } from '@totesys/schema';
import { explainRow } from '../explain/explain-row.ts';
import type { Subject } from '../explain/subject.ts';
import { describeKeys } from '../format/describe-keys.ts';
import { makePlan, type Plan } from '../plan/plan.ts';
import type { CommandContext } from '../process/command-context.ts';
import { groupQuarantined } from '../quarantine/group-quarantined.ts';
import { quarantineOf } from '../quarantine/quarantine-of.ts';
import { readEstimates, readLoadedBatches } from '../sql/loaded-batches.ts';
import { CODE_VERSION } from '../stages/code-version.ts';
import { readStatus, type Status } from '../status/read-status.ts';
import { describeNotices } from './describe-notices.ts';
import { describeRow } from './describe-row.ts';
import { leaveOutUnreachable } from './leave-out-unreachable.ts';
import { readBatchDetails } from './read-batch-details.ts';
import { readBatchTimes } from './read-batch-times.ts';

/** How long a change may take from the source to the warehouse of a deployment: seconds. */
const PROMISE_SECONDS = 120;
/** The newest batches that are shown table by table. */
const DETAILED_BATCHES = 100;
/** The proofs that are shown: two days of hours. */
const SHOWN_PROOFS = 48;
/** The most ranges of keys of each reason in quarantine. */
const MOST_RANGES = 5;

/** What the report contains. */
export interface ReportOptions {
  /** The newest batches that are shown. */
  readonly batches: number;
  readonly showsValues: boolean;
  readonly subjects: readonly Subject[];
  /** Whether the source is scanned for changes that no batch has yet. */
  readonly asksSource: boolean;
  /** Reads the questions and their answers; a live report keeps them for a while. */
  readonly questions: (context: CommandContext) => Promise<readonly Question[]>;
}

/**
 * Reads everything that the report shows. It writes nothing except a checkpoint of the quarantine, a cache. A database
 * that cannot be reached is a notice.
 */
export async function collectReport(wholeContext: CommandContext, options: ReportOptions): Promise<ReportData> {
  const { reachable: context, unreachable } = await leaveOutUnreachable(wholeContext, options.asksSource);
  const { model } = context;
  const lakes = { ingestion: context.ingestion(), processed: context.processed() };
  const status = await readStatus(context, options.asksSource);
  const newest = status.ingestion.newestBatch;
  const first = Math.max(1, newest - options.batches + 1);
  const warehouse = await readWarehouse(context, first);
  const plan = await planRuns(context, options);
  const proofs = (await findLastProofs(lakes.processed, status.processed.newestBatch, SHOWN_PROOFS)).map(describeProof);
  return {
    madeAt: new Date().toISOString(),
    version: CODE_VERSION,
    showsValues: options.showsValues,
    promiseSeconds: PROMISE_SECONDS,
    path: { source: status.tables, places: describePlaces(status), warehouse: warehouse.estimates },
    batches: packBatches(await readBatchTimes(lakes, { first, newest, loaded: warehouse.loaded })),
    details: await readBatchDetails(lakes, { first: Math.max(first, newest - DETAILED_BATCHES + 1), newest }),
    notices: [
      ...unreachable,
      ...describeNotices({
        status,
        plan,
        beyondThreshold: await findBlocking(context, status),
        newestProof: proofs[0],
      }),
    ],
    quarantine: await readQuarantine(context),
    proofs,
    rows: await readRows(context, options),
    questions: await options.questions(context),
    dictionary: describeWarehouse(model).map(({ schema, name, about, columns }) => ({
      name: schema === 'public' ? name : `${schema}.${name}`,
      about,
      columns: columns.map((column) => ({ name: column.name, about: column.about, origin: column.origin ?? null })),
    })),
  };
}

/** Reads the history of one row, as the report shows it. */
export async function readRowHistory(
  context: CommandContext,
  subject: Subject,
  showsValues: boolean,
): Promise<RowHistory> {
  return describeRow(subject, await explainRow(context, subject), showsValues);
}

// A plan scans the source, too.
async function planRuns(context: CommandContext, { asksSource }: ReportOptions): Promise<Plan | undefined> {
  const { source, warehouse } = context.places;
  return asksSource && source !== undefined && warehouse !== undefined ? await makePlan(context) : undefined;
}

async function readRows(context: CommandContext, { subjects, showsValues }: ReportOptions): Promise<RowHistory[]> {
  const rows: RowHistory[] = [];
  for (const subject of subjects) rows.push(await readRowHistory(context, subject, showsValues));
  return rows;
}

function describePlaces({ ingestion, processed, warehouse, waiting }: Status): ReportData['path']['places'] {
  return [
    { place: 'ingestion', ...ingestion, waiting: waiting.transform },
    { place: 'processed', ...processed, waiting: warehouse ? waiting.load : null },
    ...(warehouse
      ? [
          {
            place: 'warehouse' as const,
            newestBatch: warehouse.newestBatch,
            sourceClock: warehouse.sourceClock,
            waiting: null,
          },
        ]
      : []),
  ];
}

function describeProof({ proof }: StoredProof): ReportData['proofs'][number] {
  const { batch, clock, ok, rows, tables, history, lake, next } = proof;
  return {
    at: clock,
    batch,
    ok,
    rows: rows.compared,
    differing: rows.differing,
    faults: history.faults + lake.faults,
    slice: `${next.slice} of ${next.slices}`,
    tables: tables.filter(({ missing, extra, differs }) => missing + extra + differs > 0).map(({ table }) => table),
  };
}

async function readWarehouse(context: CommandContext, first: number) {
  if (context.places.warehouse === undefined) return { loaded: [], estimates: [] };
  const warehouse = await context.warehouse();
  return atDatabase('warehouse', () =>
    inTransaction(warehouse, ONE_SNAPSHOT, async (sql) => ({
      loaded: await readLoadedBatches(sql, first),
      estimates: await readEstimates(sql, context.model),
    })),
  );
}

async function findBlocking(context: CommandContext, { warehouse, processed }: Status) {
  if (!warehouse || warehouse.newestBatch >= processed.newestBatch) return [];
  const next = await findProcessedManifest(context.processed(), warehouse.newestBatch + 1);
  return next ? findBeyondThreshold(context.processed(), next.manifest) : [];
}

async function readQuarantine(context: CommandContext): Promise<ReportData['quarantine']> {
  const { lakes, batch, open, discarded } = await quarantineOf(context);
  const groups = await groupQuarantined(lakes, open);
  return {
    batch,
    rows: open.count,
    discarded: discarded.count,
    groups: groups.map(({ keys, batches, ...group }) => ({
      ...group,
      rows: keys.count,
      keys: describeKeys(keys, MOST_RANGES),
      firstBatch: batches.first,
    })),
  };
}
