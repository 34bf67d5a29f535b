import {
  checkLakeFormat,
  checkProcessedHead,
  findBatchesToLoad,
  findNewestBatch,
  findProcessedManifest,
  type Store,
} from '@totesys/lake';
import {
  atDatabase,
  type Connection,
  hasRelation,
  inTransaction,
  ONE_SNAPSHOT,
  orStop,
  type PipelineError,
  type Pool,
  query,
  type TransactionOptions,
} from '@totesys/runtime';
import { factsOf, type Model } from '@totesys/schema';
import { type LedgerHead, readLedgerHead } from '@totesys/warehouse';
import { checkRecordIds } from '../ledger/check-record-ids.ts';
import { findOtherLoad } from '../ledger/load-lock.ts';
import { planMigration } from '../migrate/migrate.ts';
import { hasComments } from '../migrate/write-comments.ts';
import { type HeldFact, selectHeldFacts } from '../sql/held.ts';
import type { LoadPlan, PlannedBatch } from './load-plan.ts';

/** What the plan of a run works with. */
export interface PlanLoadDeps {
  readonly model: Model;
  readonly warehouse: Pool;
  readonly processed: Store;
}

/** The plan waits for no lock of a table: milliseconds. */
const READING: TransactionOptions = { ...ONE_SNAPSHOT, lockTimeoutMs: 1_000, statementTimeoutMs: 20_000 };
/** Waiting batches whose manifests are read, so that the plan takes seconds. */
const MOST_BATCHES = 1_000;

/** Plans the next run of load with the functions of load itself. It writes nothing and takes no lock. */
export function planLoad(deps: PlanLoadDeps): Promise<LoadPlan> {
  return atDatabase('warehouse', async () => {
    const { warehouse, model, processed } = deps;
    const stops: PipelineError[] = [];
    const found = await inTransaction(warehouse, READING, async (transaction) => ({
      head: await readLedgerHead(transaction),
      yields: await findOtherLoad(transaction),
      held: await readHeld(transaction, model),
      writesComments: !(await hasComments(transaction, model)),
      migration: (await orStop('warehouse', stops, () => planMigration(transaction, model))) ?? [],
    }));
    await orStop('warehouse', stops, () => checkLakeFormat(processed));
    await orStop('warehouse', stops, () => checkProcessedHead(processed, found.head));
    // The check reads the ledger and the facts.
    const isNew = found.migration.some(
      ({ relation, change }) => change === 'create table' && (relation === 'etl.ledger' || /^public\./.test(relation)),
    );
    if (!isNew && stops.length === 0) await orStop('warehouse', stops, () => checkRecordIds(warehouse, model));
    const waiting = stops.length === 0 ? await planBatches(deps, found.head) : NO_BATCHES;
    const { head, ...rest } = found;
    const newestProcessed = await findNewestBatch(processed);
    return { ...rest, ...waiting, newestBatch: head.batch, newestProcessed, stops };
  });
}

type Waiting = Pick<LoadPlan, 'batches' | 'blocked' | 'missing'>;

const NO_BATCHES: Waiting = { batches: [], blocked: undefined, missing: undefined };

async function planBatches({ model, processed }: PlanLoadDeps, head: LedgerHead): Promise<Waiting> {
  const batches: PlannedBatch[] = [];
  for (let next = head.batch + 1; batches.length < MOST_BATCHES; ) {
    const waiting = await findProcessedManifest(processed, next);
    if (!waiting) {
      const isGap = (await findNewestBatch(processed, next)) > next;
      return { batches, blocked: undefined, missing: isGap ? next : undefined };
    }
    const reasons: PipelineError[] = [];
    const group = await orStop('warehouse', reasons, () => findBatchesToLoad({ model, processed }, waiting));
    if (!group) return { batches, blocked: { batch: next, reason: reasons[0]! }, missing: undefined };
    const bounds = [next, next + group.length - 1] as const;
    for (const { manifest } of group) {
      const rows = manifest.parts.reduce((sum, part) => sum + part.rows, 0);
      batches.push({ batch: manifest.batch, rows, group: bounds });
    }
    next += group.length;
  }
  return { batches, blocked: undefined, missing: undefined };
}

async function readHeld(connection: Connection, model: Model): Promise<readonly HeldFact[]> {
  if (!(await hasRelation(connection, 'etl.held'))) return [];
  const parameters = [factsOf(model).map(({ name }) => name)];
  return await query<HeldFact>(connection, { text: selectHeldFacts, parameters });
}
