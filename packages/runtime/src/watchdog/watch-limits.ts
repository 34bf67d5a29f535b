/** How long a pool of connections waits for what, in milliseconds. */
export interface WatchLimits {
  /** Silence of a statement after which the server is asked about its session over another connection. */
  readonly stallMs: number;
  /** What that other connection may take to bring the answer. */
  readonly answerMs: number;
  /** What a reservation, or a statement in the pool's queue while no connection works, may wait. */
  readonly acquireMs: number;
  /** What one statement may take, by the clock of this process. */
  readonly statementMs: number;
  /** How long a transaction is idle before the server hears from its client. */
  readonly pingMs: number;
}

/** The default limits. */
export const WATCH_LIMITS: WatchLimits = {
  stallMs: 60_000,
  answerMs: 10_000,
  acquireMs: 30_000,
  statementMs: 60 * 60_000,
  pingMs: 60_000,
};

/** A session that is idle in a transaction for longer has lost its client, which pings: milliseconds, several pings. */
export const IDLE_IN_TRANSACTION_LIMIT_MS = 5 * 60_000;
