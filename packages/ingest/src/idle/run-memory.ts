import type { SettledSnapshot } from '@totesys/source';

/**
 * What a process that runs ingest again and again keeps between its runs. The caller makes one for each source and lake
 * and passes it to every run; a new process begins with an empty one.
 */
export interface RunMemory {
  /** What the last run proved; undefined if the next run must scan. */
  settled?: SettledRun | undefined;
}

/** A snapshot of which the batches carry everything, and the newest of these batches. */
export interface SettledRun {
  readonly snapshot: SettledSnapshot;
  readonly batch: number;
  readonly manifestSha256: string;
  /**
   * The source's clock at the last scan, if the run followed a hint: when an audit is due, the source no longer counts
   * as idle. Undefined if the run scanned.
   */
  readonly scannedAt: string | undefined;
  /** The warnings that each run repeats until the source changes. */
  readonly warnings: readonly string[];
}
