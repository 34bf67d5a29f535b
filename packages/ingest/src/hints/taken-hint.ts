import type { HintState } from '@totesys/lake';
import type { Candidates, HintRefusal } from '@totesys/source';

/** The hint that a run has taken. */
export interface TakenHint {
  /** The changes since the last batch, if they can be trusted to be all; otherwise the reason for a scan. */
  readonly trusted: Candidates | HintRefusal;
  /** Why the run scans although it trusts the hint; undefined if no scan is due. */
  readonly audit: HintRefusal | undefined;
  /** The changes that the run reads by their keys; undefined if it scans. */
  readonly followed: Candidates | undefined;
  /** What the manifest keeps; undefined if the source has no hints to keep. */
  readonly next: Omit<HintState, 'scannedTo' | 'pairs'> | undefined;
  /** Where the slot has everything from: bytes; undefined if the slot was not read. */
  readonly confirmed: bigint | undefined;
  /** Whether a batch is committed even if it has no rows: to record an audit, or to advance the slot. */
  readonly mustCommit: boolean;
}
