import type { Store } from '@totesys/lake';
import type { Pool, Telemetry } from '@totesys/runtime';
import type { Model } from '@totesys/schema';
import type { Findings } from './findings.ts';
import type { PendingRows } from './pending-rows.ts';

/** What is compared, and how. */
export interface CompareOptions {
  readonly model: Model;
  readonly source: Pool;
  readonly warehouse: Pool;
  /**
   * The ingestion lake, by which the comparison separates unread rows from differences; without it, every row that
   * differs counts.
   */
  readonly ingestion: Store | undefined;
  readonly telemetry: Telemetry;
  /** Connections to each side: as many ranges are compared at once. */
  readonly pairs: number;
  readonly showValues: boolean;
  /** How long the comparison follows pending rows: milliseconds. */
  readonly waitMs: number;
  readonly interrupted: AbortSignal;
  /** Called with the number of pending rows before the comparison waits for batches. */
  onWait(pending: number): void;
}

/** A comparison in progress: its options, and what it has found so far. */
export interface Comparison {
  readonly options: CompareOptions;
  readonly findings: Findings;
  /** Rows that differ and may be unread; undefined where every row that differs counts at once. */
  readonly pending: PendingRows | undefined;
}
