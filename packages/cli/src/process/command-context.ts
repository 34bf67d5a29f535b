import { setTimeout as delay } from 'node:timers/promises';
import { openStore, type Store } from '@totesys/lake';
import { type DerivedPlace, openDerived } from '@totesys/lake/derived';
import { connect, type Pool, WATCH_LIMITS, type WatchLimits } from '@totesys/runtime';
import { type Model, totesysModel } from '@totesys/schema';
import type { PlaceName, Places } from '../places/places.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { CommandOptions } from './command-options.ts';
import { Interrupted } from './interrupted.ts';
import { UsageError } from './usage-error.ts';

/** What a command works with. Each connection is opened at its first use and closed by `close`. */
export interface CommandContext {
  readonly model: Model;
  readonly places: Partial<Places>;
  readonly terminal: Terminal;
  readonly options: CommandOptions;
  /** Aborted by the first signal to stop, for example Ctrl-C. */
  readonly interrupted: AbortSignal;
  source(): Promise<Pool>;
  warehouse(): Promise<Pool>;
  ingestion(): Store;
  processed(): Store;
  /** The place of the Iceberg tables. */
  iceberg(): DerivedPlace;
  /** Closes the connections; the next use of a database opens new ones. */
  reset(): Promise<void>;
  /** Closes the connections after the last use. */
  close(): Promise<void>;
}

/** Connections to each database: ingest reads over several, and both databases together get far fewer than twenty. */
const CONNECTIONS = 4;
/** Longer than any statement of this pipeline needs; one that takes longer waits for something. Milliseconds. */
const STATEMENT_TIMEOUT_MS = 60 * 60_000;
/** A statement takes an hour at most, so a longer silence cannot occur: seconds. */
const MAXIMUM_STALL_SECONDS = 3_600;
/** How long closing waits for a statement in progress: seconds. */
const CLOSE_TIMEOUT_SECONDS = 2;
/** How long `reset` may take to close connections whose server may be lost: milliseconds. */
const RESET_TIMEOUT_MS = 6_000;

/** Creates the context of one command. */
export function createContext(
  places: Partial<Places>,
  terminal: Terminal,
  interrupted: AbortSignal,
  options: CommandOptions = {},
): CommandContext {
  // Parsed before the first connection, so that a wrong value has no effect anywhere.
  const limits = parseStallLimits(options.stallSeconds);
  const pools = new Map<string, Promise<Pool>>();
  const stores = new Map<string, Store>();
  const pool = async (subject: 'source' | 'warehouse') => {
    // A run that goes on after the interruption must not open what the command has closed.
    if (interrupted.aborted) throw new Interrupted();
    const opened =
      pools.get(subject) ??
      connect(requireDeclared(places, subject), {
        subject,
        connections: CONNECTIONS,
        applicationName: 'totesys',
        statementTimeoutMs: STATEMENT_TIMEOUT_MS,
        limits,
      });
    pools.set(subject, opened);
    // A live report tries again.
    opened.catch(() => pools.delete(subject));
    return await opened;
  };
  const close = async () => {
    const timeout = interrupted.aborted ? 0 : CLOSE_TIMEOUT_SECONDS;
    const closing = [...pools.values()];
    pools.clear();
    await Promise.allSettled(closing.map(async (sql) => (await sql).end({ timeout })));
  };
  // One store for each lake: it remembers the newest batch, and that the lake has proved to refuse replacements.
  const store = (lake: 'ingestion' | 'processed') => {
    const opened = stores.get(lake) ?? openStore(requireDeclared(places, lake));
    stores.set(lake, opened);
    return opened;
  };
  return {
    model: totesysModel,
    places,
    terminal,
    options,
    interrupted,
    source: () => pool('source'),
    warehouse: () => pool('warehouse'),
    ingestion: () => store('ingestion'),
    processed: () => store('processed'),
    iceberg: () => openDerived(requireDeclared(places, 'iceberg')),
    reset: () => Promise.race([close(), delay(RESET_TIMEOUT_MS, undefined, { ref: false })]),
    close,
  };
}

function parseStallLimits(text: CommandOptions[string]): Partial<WatchLimits> {
  if (text === undefined || text === '') return {};
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= MAXIMUM_STALL_SECONDS)) {
    throw new UsageError(
      `STALL_SECONDS is '${text}': expected seconds above 0 and at most ${MAXIMUM_STALL_SECONDS}. Correct it.`,
    );
  }
  return { stallMs: seconds * 1000, pingMs: Math.min(WATCH_LIMITS.pingMs, seconds * 1000) };
}

function requireDeclared(places: Partial<Places>, name: PlaceName): string {
  const place = places[name];
  if (place === undefined) throw new Error(`The command uses the ${name} but does not declare that it needs it.`);
  return place;
}
