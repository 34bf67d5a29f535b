import { checkLakeFormat, describeProof, findLastProof, type Proof, writeProof } from '@totesys/lake';
import { atDatabase, ErrorCode, inTransaction, ONE_SNAPSHOT, PipelineError, type Pool, query } from '@totesys/runtime';
import { findLoadedBatch } from '@totesys/warehouse';
import { checkHistory, type HistoryResult } from '../history/check-history.ts';
import { isLakeFault } from '../lake/is-lake-fault.ts';
import type { LakeFault } from '../lake/lake-fault.ts';
import { readClock } from '../sql/row-versions.ts';
import { requireTables } from '../warehouse/require-tables.ts';
import type { BatchWindow } from './batch-keys.ts';
import type { TableKeys } from './join-ranges.ts';
import type { ProofDeps } from './proof-deps.ts';
import { type LakesProof, proveLakes } from './prove-lakes.ts';
import { proveRows, type RowsProof } from './prove-rows.ts';
import { nextSlice, type Slice } from './rotation.ts';

/** The slices into which a proof cuts all tables: at one proof an hour, a cycle takes a day. */
export const PROOF_SLICES = 24;
/** The objects that a proof reads to check older batches of the lakes. */
export const PROOF_REQUESTS = 1_000;
/** The most slices and objects that an operator may ask for. */
export const PROOF_LIMITS = { slices: 10_000, requests: 1_000_000 };
/** The most batches that a proof takes as new: hours of a batch each minute, and some thousand requests. */
const MOST_BATCHES = 500;
/** How much of the whole one proof takes. */
export interface ProofOptions {
  /** Slices of a cycle: after as many proofs each row has been compared. */
  readonly slices: number;
  /** Objects that a proof reads to check older batches. */
  readonly requests: number;
}

/** The result of a proof, and the key of its object in the processed lake. */
export interface ProofResult extends Proof {
  readonly outcome: 'equal' | 'differs';
  readonly object: string;
}

/**
 * Proves what has changed since the last proof and a slice of everything else: rows, history of facts, lakes. The
 * result is an object in the processed lake, from which the next proof continues.
 */
export async function prove(deps: ProofDeps, { slices, requests }: ProofOptions): Promise<ProofResult> {
  const { ingestion, processed, warehouse, telemetry, interrupted } = deps;
  await checkLakeFormat(ingestion);
  await checkLakeFormat(processed);
  const loaded = await findLoadedBatch(warehouse);
  telemetry.about({ batch: loaded });
  const last = (await findLastProof(processed, loaded))?.proof;
  const window = windowAfter(last, loaded);
  const slice = nextSlice(last?.next, slices);

  const lakes = await proveLakes(deps, { window, last, requests });
  const rows = await proveRows(deps, { window, last, slice }).catch((error) => withoutRows(deps, error, window));
  const history = await proveHistory(deps, rows.keys);

  // An interrupted check has not seen everything, so its result proves nothing.
  if (interrupted.aborted) throw stopped();
  const proof = summarize(deps.codeVersion, { window, slice, lakes, rows, history });
  const object = await writeProof(processed, proof);
  telemetry.metric('ProofSucceeded', 1);
  telemetry.metric('RowsDiffering', proof.rows.differing + proof.history.faults + proof.lake.faults);
  telemetry.metric('RowsUnread', proof.rows.unread);
  return { outcome: proof.ok ? 'equal' : 'differs', object, ...proof };
}

function windowAfter(last: Proof | undefined, loaded: number): BatchWindow {
  const after = Math.max(Math.min(last?.through ?? 0, loaded), loaded - MOST_BATCHES);
  return { after: Math.max(0, after), through: loaded };
}

/** Rows that a fault of the ingestion lake kept from being compared; the next proof takes the same ones. */
type NoRows = Omit<RowsProof, 'next'> & { readonly fault: LakeFault };

// Without the manifest or a state part of a batch nothing shows which rows are unread.
async function withoutRows(
  { source, interrupted }: ProofDeps,
  error: unknown,
  { through }: BatchWindow,
): Promise<NoRows> {
  if (interrupted.aborted) throw stopped();
  if (!isLakeFault(error)) throw error;
  const { key } = error.context;
  const fault = { ...(typeof key === 'string' && { object: key }), fault: error.message };
  return {
    batch: through,
    clock: await readSourceClock(source),
    rows: { compared: 0, ranges: 0, differing: 0, unread: 0, left: 0 },
    ...{ tables: [], differences: [], keys: new Map() },
    fault: { place: 'ingestion', batch: through, ...fault },
  };
}

async function readSourceClock(source: Pool): Promise<string> {
  const [row] = await atDatabase('source', () =>
    inTransaction(source, ONE_SNAPSHOT, (sql) => query<{ clock: string }>(sql, readClock)),
  );
  return row!.clock;
}

function proveHistory({ warehouse, model }: ProofDeps, keys: TableKeys): Promise<HistoryResult> {
  return atDatabase('warehouse', () =>
    inTransaction(warehouse, ONE_SNAPSHOT, async (sql) => {
      await requireTables(sql, model);
      return checkHistory(sql, model, keys);
    }),
  );
}

interface Checked {
  readonly window: BatchWindow;
  readonly slice: Slice;
  readonly lakes: LakesProof;
  readonly rows: RowsProof | NoRows;
  readonly history: HistoryResult;
}

function summarize(codeVersion: string, { window, slice, lakes, rows, history }: Checked): Proof {
  const { faults, batches, parts, bytes } = lakes;
  const isCompared = 'next' in rows;
  if (!isCompared && !faults.named.some(({ fault }) => fault === rows.fault.fault)) faults.add(rows.fault);
  return describeProof({
    batch: rows.batch,
    through: isCompared ? window.through : window.after,
    clock: rows.clock,
    codeVersion,
    ok: isCompared && rows.rows.differing + history.count + faults.count === 0,
    rows: rows.rows,
    tables: rows.tables,
    differences: rows.differences,
    history: { faults: history.count, named: [...history.named] },
    lake: { batches, parts, bytes, faults: faults.count, named: faults.named },
    next: {
      slice: isCompared ? slice.slice + 1 : slice.slice,
      slices: slice.slices,
      keys: isCompared ? rows.next : slice.keys,
      batch: lakes.next,
    },
  });
}

function stopped(): PipelineError {
  return new PipelineError(
    ErrorCode.TIMED_OUT,
    'The proof did not end within its time and wrote no result. Raise the timeout of the function, or the number of ' +
      'slices; the next proof takes the same slice.',
  );
}
