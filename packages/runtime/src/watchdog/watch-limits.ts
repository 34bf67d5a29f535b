/** The limits of a pool's waits, in milliseconds. */
export interface WatchLimits {
  /** Silence of a statement after which the server is asked about its session over another connection. */
  readonly stallMs: number;
  /** The limit for that answer. */
  readonly answerMs: number;
  /** The limit for a reservation, and for a statement in the pool's queue while no connection works. */
  readonly acquireMs: number;
  /** The limit for one statement, by the clock of this process. */
  readonly statementMs: number;
  /** The idle time in a transaction after which the client pings the server. */
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

/** A session that is idle in a transaction for longer has lost its client, which pings more often: milliseconds. */
export const IDLE_IN_TRANSACTION_LIMIT_MS = 5 * 60_000;
