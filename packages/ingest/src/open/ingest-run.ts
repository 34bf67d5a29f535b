import type { Coverage, HintState, Store } from '@totesys/lake';
import type { StageTelemetry } from '@totesys/runtime';
import type { Model, SourceTable } from '@totesys/schema';
import {
  type Candidates,
  type CarriedPairs,
  type FenceWindow,
  fenceNumber,
  type IngestState,
  type SnapshotTable,
  type SourceLayout,
  type SourceSnapshot,
  type UnreadableRows,
  widenTransactionId,
} from '@totesys/source';
import type { TakenHint } from '../hints/taken-hint.ts';
import type { Requests } from '../requests/requests.ts';
import type { BatchWriter } from '../write/batch-writer.ts';
import type { Budget, RunLimits } from './budget.ts';

/** What a run works with besides its snapshot. */
export interface RunDeps {
  readonly model: Model;
  readonly ingestion: Store;
  readonly telemetry: StageTelemetry<'ingest'>;
  readonly limits: RunLimits;
  readonly codeVersion: string;
}

/** What the parts of one ingest run share. */
export interface IngestRun {
  readonly model: Model;
  readonly store: Store;
  readonly telemetry: StageTelemetry<'ingest'>;
  readonly codeVersion: string;
  readonly snapshot: SourceSnapshot;
  readonly layout: SourceLayout;
  /** The tables whose keys an index proves distinct; the run counts the keys of the others. */
  readonly proven: ReadonlySet<string>;
  /** The last manifest; undefined before the first batch. */
  readonly state: IngestState | undefined;
  /**
   * The transactions whose rows are read again: since the last batch, and for a scan since the last scan. Undefined
   * before the first batch and in a new history, where all rows are read.
   */
  readonly window: FenceWindow | undefined;
  /** The window's pairs of earlier batches; none in a new history. */
  readonly pairs: CarriedPairs;
  /** How far each table is covered when the run begins. */
  readonly coverageBefore: ReadonlyMap<string, Coverage>;
  /** A sentence with the proof that hints have missed a change since the last scan; undefined if there is none. */
  readonly missed: string | undefined;
  /** The hint of the run; undefined while hints are off. */
  readonly hint: TakenHint | undefined;
  /** The changes that the run reads by their keys; undefined if it scans the tables. */
  readonly followed: Candidates | undefined;
  /** The snapshot of the last scan: this run's own if it scans. */
  readonly scannedTo: HintState['scannedTo'];
  readonly budget: Budget;
  readonly writer: BatchWriter;
  readonly requests: Requests;
  /** The rows that the source could not read so far. */
  readonly unreadable: UnreadableRows;
  /** Warnings about the source's tables that every run repeats until the tables change. */
  readonly standingWarnings: readonly string[];
  /** Warnings about tables that this run reads again. */
  readonly layoutWarnings: readonly string[];
  /** The warning that the source has a new history. */
  readonly historyWarning: string | undefined;
}

/** Returns a table as the run's first connection sees it. */
export function snapshotTable({ snapshot, window }: IngestRun, table: SourceTable): SnapshotTable {
  return { connection: snapshot.connections[0], table, window };
}

/** Returns the 64-bit id of the transaction that wrote a row, from the row's 32-bit xmin. */
export function transactionIdOf(run: IngestRun, xmin: number): number {
  return widenTransactionId(xmin, fenceNumber(run.snapshot.fence.xmax));
}
