/** Why a run scans the tables instead of following a hint. */
export type HintReason =
  /** The server is a standby, or too old. */
  | 'unsupported'
  /** Something that hints need of the source is missing or otherwise than set up. */
  | 'not-set-up'
  /** No batch has a position in the slot yet, or the slot was advanced beyond it. */
  | 'no-position'
  /** Transactions that began before the slot or the publication changed may still write. */
  | 'not-armed'
  /** The publication, or a table's row in pg_class, is not the one of the last batch. */
  | 'publication-changed'
  /** Decoding the WAL would cost more than the scan. */
  | 'too-much-wal'
  /** The server has not flushed the snapshot's WAL in time, and the slot shows only what is flushed. */
  | 'not-flushed'
  /** The slot cannot be read, or not in time. */
  | 'peek-failed'
  /** The slot's output is not that of pgoutput. */
  | 'undecodable'
  /** The transactions name more keys than a run reads one by one. */
  | 'too-many-keys'
  /** The run reads more than changes: tables that are not covered, requests, another history or layout. */
  | 'reads-more'
  /** A scan is due, which finds what hints have missed. */
  | 'audit';

/** Thrown if a run cannot follow a hint; the run scans instead. */
export class HintRefusal extends Error {
  readonly reason: HintReason;
  /** The remedy, if the operator can do something. */
  readonly remedy: string | undefined;

  constructor(reason: HintReason, message: string, { remedy, cause }: { remedy?: string; cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'HintRefusal';
    this.reason = reason;
    this.remedy = remedy;
  }
}
