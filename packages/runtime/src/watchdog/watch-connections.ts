import type postgres from 'postgres';
import { askServer, type Channel, endSessions, type OpenAside, verdictOn } from './ask-server.ts';
import { noConnection, stalled, tooLong } from './wait-faults.ts';
import type { WatchLimits } from './watch-limits.ts';

type Sql = postgres.Sql;

/** The longest time between two looks at the connections: milliseconds. */
const LONGEST_STEP_MS = 5_000;
/** Data that the server sent before the watchdog asked it arrives within this time: milliseconds. */
const LAST_BYTES_MS = 1_000;
/** The limit for the sockets of an ended pool to close, before their sessions are ended on the server: milliseconds. */
const CLOSE_MS = 1_000;
/** The limit for ending sessions on the server: milliseconds. */
const END_SESSIONS_MS = 2_000;

/** A connection of the patched client as its watchdog sees it. */
interface WatchedConnection {
  look(): Look | null;
  abort(error: Error): void;
}

interface Look {
  readonly pid: number | null;
  /** The statement in progress, or what waits for the connection to open. */
  readonly work: { readonly string?: string } | null;
  readonly bytes: number;
  readonly isOurTurn: boolean;
  readonly isIdleInTransaction: boolean;
}

interface Watched {
  readonly connections: readonly WatchedConnection[];
  readonly queries: { readonly first?: { reject(error: Error): void }; remove(query: unknown): void };
  /** Runs a statement on a connection that is idle in a transaction; returns undefined if it is not. */
  ask(
    connection: WatchedConnection,
    text?: string,
    parameters?: readonly string[],
  ): ReturnType<Channel['ask']> | undefined;
}

/** What the watchdog keeps about a connection between two looks. */
interface Seen {
  work: Look['work'];
  bytes: number;
  workMs: number;
  quietMs: number;
  idleMs: number;
}

/** The pool that a watchdog watches, and its limits. */
export interface WatchOptions {
  readonly subject: 'source' | 'warehouse';
  readonly limits: WatchLimits;
  /** When every statement ends, in milliseconds since 1970. */
  readonly deadlineMs: number;
  /** Opens a pool of one more connection to the same server. */
  readonly openAside: OpenAside;
}

/**
 * Watches the connections of a pool, so that none of its promises stays pending: a statement has a limit by the clock
 * of this process, and after a silence the server is asked whether it still works for the session. If it does not, the
 * pool's connections fail and its sessions are ended on the server. The pool's own `reserve` gets a limit; its `end`
 * also stops the watchdog.
 */
export function watchConnections(sql: Sql, options: WatchOptions): Sql {
  const watchdog = new Watchdog(sql, options);
  const { reserve, end } = sql;
  return Object.assign(sql, {
    reserve: () => reserveWithin(options, reserve, () => watchdog.isServing),
    end: async (how?: Parameters<typeof end>[0]) => {
      await end(how);
      await watchdog.close();
    },
  });
}

async function reserveWithin(
  { subject, limits }: WatchOptions,
  reserve: Sql['reserve'],
  isServing: () => boolean,
): ReturnType<Sql['reserve']> {
  const reservation = reserve();
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    const refuse = () => {
      // Running statements have limits of their own, which also end this wait.
      if (isServing()) timer = setTimeout(refuse, limits.acquireMs);
      else reject(noConnection(subject, limits.acquireMs));
    };
    timer = setTimeout(refuse, limits.acquireMs);
  });
  try {
    return await Promise.race([reservation, limit]);
  } catch (error) {
    // A late reservation must be released.
    reservation.then(
      (late) => late.release(),
      () => {},
    );
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

class Watchdog {
  readonly #watched: Watched;
  readonly #options: WatchOptions;
  readonly #seen = new Map<WatchedConnection, Seen>();
  readonly #asking = new Set<WatchedConnection>();
  readonly #timer: NodeJS.Timeout;
  #lookedMs = performance.now();
  #queued: { head: unknown; ms: number } = { head: undefined, ms: 0 };
  #ending: Promise<void> = Promise.resolve();

  constructor(sql: Sql, options: WatchOptions) {
    this.#watched = (sql as Sql & { watched: Watched }).watched;
    this.#options = options;
    const { stallMs, acquireMs, statementMs, pingMs } = options.limits;
    const stepMs = Math.min(LONGEST_STEP_MS, Math.max(10, Math.min(stallMs, acquireMs, statementMs, pingMs) / 6));
    this.#timer = setInterval(() => this.#look(stepMs), stepMs).unref();
  }

  /** Stops, and ends the sessions that the server still has after the pool's end. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#ending;
    const untilMs = performance.now() + CLOSE_MS;
    while (this.#looks().length > 0 && performance.now() < untilMs) await delay(10);
    if (this.#looks().length > 0) await this.#fail(() => new Error('The pool has ended.'));
  }

  /** Whether a statement waits in the pool's queue and a busy connection will serve it next. */
  get isServing(): boolean {
    return this.#watched.queries.first !== undefined && this.#looks().some(({ work }) => work !== null);
  }

  #looks(): Look[] {
    return this.#watched.connections.flatMap((connection) => connection.look() ?? []);
  }

  #look(stepMs: number): void {
    const nowMs = performance.now();
    // While the process was suspended, it did not read its sockets.
    const passedMs = Math.min(nowMs - this.#lookedMs, 2 * stepMs);
    this.#lookedMs = nowMs;
    for (const connection of this.#watched.connections) {
      const look = connection.look();
      if (look) this.#lookAt(connection, look, passedMs);
      else this.#seen.delete(connection);
    }
    this.#lookAtQueue(passedMs);
  }

  #lookAt(connection: WatchedConnection, look: Look, passedMs: number): void {
    const { subject, limits, deadlineMs } = this.#options;
    const before = this.#seen.get(connection);
    const seen = before && before.work === look.work ? before : { ...look, workMs: 0, quietMs: 0, idleMs: 0 };
    this.#seen.set(connection, seen);
    if (look.work === null) {
      seen.idleMs = look.isIdleInTransaction ? seen.idleMs + passedMs : 0;
      if (seen.idleMs >= limits.pingMs) this.#watched.ask(connection);
      return;
    }
    seen.workMs += passedMs;
    seen.quietMs = look.isOurTurn || look.bytes !== seen.bytes ? 0 : seen.quietMs + passedMs;
    seen.bytes = look.bytes;
    if (seen.workMs >= limits.statementMs || Date.now() >= deadlineMs) {
      void this.#fail(() => tooLong(subject, seen.workMs), [connection]);
    } else if (seen.quietMs >= limits.stallMs && look.pid !== null && !this.#asking.has(connection)) {
      seen.quietMs = 0;
      this.#asking.add(connection);
      void this.#ask(connection, look).finally(() => this.#asking.delete(connection));
    }
  }

  // A statement waits in the queue while others run; if none runs, nothing would end its wait.
  #lookAtQueue(passedMs: number): void {
    const head = this.#watched.queries.first;
    const isStuck = head !== undefined && head === this.#queued.head && this.#looks().every(({ work }) => !work);
    this.#queued = { head, ms: isStuck ? this.#queued.ms + passedMs : 0 };
    if (head === undefined || this.#queued.ms < this.#options.limits.acquireMs) return;
    this.#watched.queries.remove(head);
    head.reject(noConnection(this.#options.subject, this.#options.limits.acquireMs));
  }

  async #ask(connection: WatchedConnection, look: Look): Promise<void> {
    const { subject, limits, openAside } = this.#options;
    const asked = { pid: look.pid ?? 0, text: look.work?.string ?? '' };
    const verdict = await verdictOn(openAside, limits.answerMs, { asked, idle: this.#idleChannel() });
    if (verdict.kind === 'works') return;
    await delay(Math.min(LAST_BYTES_MS, limits.stallMs));
    const now = connection.look();
    if (now === null || now.work !== look.work || now.bytes !== look.bytes) return;
    await this.#fail(() => stalled(subject, limits, look.pid, verdict), undefined, verdict.pids);
  }

  #idleChannel(): Channel | undefined {
    const connection = this.#watched.connections.find((each) => each.look()?.isIdleInTransaction);
    if (connection === undefined) return undefined;
    return {
      pid: connection.look()?.pid ?? null,
      ask: async (text, parameters) => (await this.#watched.ask(connection, text, parameters)) ?? notIdle(),
    };
  }

  /** Fails connections and ends their sessions on the server; a frozen proxy would keep them alive. */
  async #fail(
    fault: () => Error,
    connections = this.#watched.connections,
    others: readonly number[] = [],
  ): Promise<void> {
    const pids: number[] = [];
    for (const connection of connections) {
      const look = connection.look();
      if (look === null) continue;
      if (look.pid !== null) pids.push(look.pid);
      connection.abort(fault());
    }
    const ended = askServer(this.#options.openAside, END_SESSIONS_MS, (channel) => endSessions(channel, pids, others));
    this.#ending = ended.catch(() => {});
    await this.#ending;
  }
}

function notIdle(): never {
  throw new Error('The connection is at work again.');
}

function delay(timeMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, timeMs));
}
