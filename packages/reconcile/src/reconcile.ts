import { checkLakeFormat, type Store } from '@totesys/lake';
import { atDatabase, inTransaction, ONE_SNAPSHOT, type Pool, type Telemetry } from '@totesys/runtime';
import type { Model } from '@totesys/schema';
import { findLoadedBatch, readLedgerEntries } from '@totesys/warehouse';
import { checkHistory, type HistoryResult } from './history/check-history.ts';
import { checkLakes, type LakeResult } from './lake/check-lakes.ts';
import { StateChecker } from './lake/check-states.ts';
import { type CompareResult, compareRows } from './rows/compare-rows.ts';
import { fileRepair, type Repair } from './rows/file-repair.ts';
import { PAIRS } from './rows/snapshots.ts';
import { requireTables } from './warehouse/require-tables.ts';

export type { HistoryFault, HistoryResult } from './history/check-history.ts';
export type { LakeResult } from './lake/check-lakes.ts';
export type { LakeFault } from './lake/lake-fault.ts';
export type { ProofDeps } from './proof/proof-deps.ts';
export {
  PROOF_LIMITS,
  PROOF_REQUESTS,
  PROOF_SLICES,
  type ProofOptions,
  type ProofResult,
  prove,
} from './proof/prove.ts';
export type { CompareResult } from './rows/compare-rows.ts';
export type { Difference } from './rows/difference.ts';
export type { Repair } from './rows/file-repair.ts';
export type { Findings } from './rows/findings.ts';
export { countHeld } from './warehouse/read-held.ts';

/**
 * The checks: rows (warehouse against source), history (sound in itself) and lake (both lakes, the ledger, and the
 * history of the dimensions against the parts).
 */
export const CHECKS = ['rows', 'history', 'lake'] as const;
export type Check = (typeof CHECKS)[number];

/**
 * What reconcile works with. A place that is missing limits the checks; a database is opened by the first check that
 * needs it.
 */
export interface ReconcileDeps {
  readonly model: Model;
  readonly source?: (() => Promise<Pool>) | undefined;
  readonly warehouse?: (() => Promise<Pool>) | undefined;
  readonly ingestion?: Store | undefined;
  readonly processed?: Store | undefined;
  readonly telemetry: Telemetry;
  /** Ends the wait for batches and the check of the lakes early. */
  readonly interrupted: AbortSignal;
}

/** Which checks run, and how. */
export interface ReconcileOptions {
  readonly checks: ReadonlySet<Check>;
  /** How long unread rows are followed: milliseconds. */
  readonly waitMs: number;
  /** Whether differences name values instead of their SHA-256. */
  readonly showValues: boolean;
  /** Whether requests are filed for the rows that differ. */
  readonly repair: boolean;
  /** The first batch whose parts are checked. */
  readonly since: number;
}

/** Receives the result of each check as soon as it ends. */
export interface ReconcileReport {
  onWait(pending: number): void;
  onRows(result: CompareResult): void;
  onRepair(repair: Repair): void;
  onHistory(result: HistoryResult): void;
  onLake(result: LakeResult): void;
}

/** The result of a run; each check adds its fields. `ok`: no check has found a fault, and no row is unsettled. */
export type ReconcileResult = { readonly ok: boolean; readonly command: 'reconcile' } & Partial<RowsFields> & {
    readonly history?: ReturnType<typeof historyFields>;
    readonly lake?: ReturnType<typeof lakeFields>;
  };

type RowsFields = ReturnType<typeof rowsFields> & { readonly repair: Repair };

/**
 * Proves that source, warehouse and lakes agree: compares the rows, checks the history of the facts, checks the lakes.
 */
export async function reconcile(
  deps: ReconcileDeps,
  options: ReconcileOptions,
  report: ReconcileReport = SILENT,
): Promise<ReconcileResult> {
  const { checks } = options;
  if (deps.ingestion) await checkLakeFormat(deps.ingestion);
  if (deps.processed) await checkLakeFormat(deps.processed);

  const rows = checks.has('rows') ? await reconcileRows(deps, options, report) : undefined;
  const history = checks.has('history') ? await reconcileHistory(deps, report) : undefined;
  const lake = checks.has('lake') ? await reconcileLake(deps, options, report) : undefined;

  const ok = rows?.equal !== false && (history?.faults ?? 0) === 0 && (lake?.faults ?? 0) === 0;
  return { ok, command: 'reconcile', ...rows, ...(history && { history }), ...(lake && { lake }) };
}

const SILENT: ReconcileReport = {
  onWait: () => {},
  onRows: () => {},
  onRepair: () => {},
  onHistory: () => {},
  onLake: () => {},
};

async function reconcileRows(deps: ReconcileDeps, options: ReconcileOptions, report: ReconcileReport) {
  const { model, ingestion, telemetry, interrupted } = deps;
  const { showValues, waitMs } = options;
  const warehouse = await open(deps.warehouse);
  const source = await open(deps.source);
  const result = await compareRows({
    ...{ model, source, warehouse, ingestion, telemetry, interrupted, showValues, waitMs, pairs: PAIRS },
    onWait: (pending) => report.onWait(pending),
  });
  report.onRows(result);
  if (!options.repair || !ingestion) return rowsFields(result);
  const repair = await fileRepair(model, result.findings, { ingestion, warehouse });
  report.onRepair(repair);
  return { ...rowsFields(result), repair };
}

function rowsFields({ findings, batch, comparedMs }: CompareResult) {
  const { differing, unsettled, differences, excused } = findings;
  const compared = findings.total(({ expected, actual }) => Math.max(expected, actual));
  return {
    equal: differing === 0 && unsettled === 0,
    batch,
    differing,
    unread: findings.total((counts) => counts.unread),
    unsettled,
    rowsPerSecond: Math.round(compared / (comparedMs / 1000)),
    tables: [...findings.counts].map(([table, counts]) => ({ table, ...counts })),
    differences,
    unreadRows: findings.unread,
    excused,
  };
}

async function reconcileHistory({ model, ...deps }: ReconcileDeps, report: ReconcileReport) {
  const warehouse = await open(deps.warehouse);
  const result = await atDatabase('warehouse', () =>
    inTransaction(warehouse, ONE_SNAPSHOT, async (sql) => {
      await requireTables(sql, model);
      return checkHistory(sql, model);
    }),
  );
  report.onHistory(result);
  return historyFields(result);
}

function historyFields({ count, named }: HistoryResult) {
  return { faults: count, named };
}

async function reconcileLake(deps: ReconcileDeps, { since }: ReconcileOptions, report: ReconcileReport) {
  const { model, ingestion, processed, telemetry, interrupted } = deps;
  const warehouse = await deps.warehouse?.();
  const ledger = warehouse && (await openLedger(warehouse));
  const states = warehouse && processed && (await StateChecker.open(warehouse, model));
  const result = await checkLakes({ ingestion, processed, ledger, states, since, telemetry, interrupted });
  report.onLake(result);
  return lakeFields(result);
}

function lakeFields({ faults, batches, parts, bytes }: LakeResult) {
  return { faults: faults.count, named: faults.named, batches, parts, bytes };
}

async function openLedger(warehouse: Pool) {
  return readLedgerEntries(warehouse, await findLoadedBatch(warehouse));
}

function open(database: (() => Promise<Pool>) | undefined): Promise<Pool> {
  if (!database) throw new Error('A check lacks a database that it needs.');
  return database();
}
