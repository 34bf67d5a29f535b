import { openStore, type Store } from '@totesys/lake';
import { connect, type Pool, WATCH_LIMITS, type WatchLimits } from '@totesys/runtime';
import { type Model, totesysModel } from '@totesys/schema';
import type { Places } from '../places/places.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { UsageError } from './usage-error.ts';

/** What a command works with; each connection is opened when it is first asked for and closed by `close`. */
export interface CommandContext {
  readonly model: Model;
  readonly places: Partial<Places>;
  readonly terminal: Terminal;
  /** The options of this command, by their names in camel case. */
  readonly options: CommandOptions;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
  source(): Promise<Pool>;
  warehouse(): Promise<Pool>;
  ingestion(): Store;
  processed(): Store;
  close(): Promise<void>;
}

/** What stands behind a command's own options: a text, or true where it takes none. */
export type CommandOptions = Readonly<Record<string, string | boolean | undefined>>;

/** What a command found: `ok` false is exit code 1. The rest is its JSON. */
export interface CommandResult {
  readonly ok: boolean;
  readonly [field: string]: unknown;
}

/** A command: takes its arguments behind the context. */
export type Command = (context: CommandContext, ...names: string[]) => Promise<CommandResult>;

/** Connections to each database: ingest reads over several, and both together stay far below twenty. */
const CONNECTIONS = 4;
/** No statement of ours takes longer on a table of this house; one that does waits for something: milliseconds. */
const STATEMENT_TIMEOUT_MS = 60 * 60_000;
/** A statement takes an hour at most, so a longer silence cannot occur. */
const MOST_STALL_SECONDS = 3_600;
/** What closing waits for a statement in progress: seconds. */
const CLOSE_TIMEOUT_SECONDS = 2;

/** Makes the context of one command. */
export function createContext(
  places: Partial<Places>,
  terminal: Terminal,
  interrupted: AbortSignal,
  options: CommandOptions = {},
): CommandContext {
  const limits = limitsOf(options.stallSeconds);
  const pools = new Map<string, Promise<Pool>>();
  const stores = new Map<string, Store>();
  const pool = (subject: 'source' | 'warehouse') => {
    const opened =
      pools.get(subject) ??
      connect(given(places, subject), {
        subject,
        connections: CONNECTIONS,
        applicationName: 'totesys',
        statementTimeoutMs: STATEMENT_TIMEOUT_MS,
        limits,
      });
    pools.set(subject, opened);
    return opened;
  };
  // One store a lake: it remembers its newest batch, and that it refuses to replace objects.
  const store = (lake: 'ingestion' | 'processed') => {
    const opened = stores.get(lake) ?? openStore(given(places, lake));
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
    close: async () => {
      const timeout = interrupted.aborted ? 0 : CLOSE_TIMEOUT_SECONDS;
      await Promise.allSettled([...pools.values()].map(async (sql) => (await sql).end({ timeout })));
    },
  };
}

// Read at once, so that a wrong value has no effect anywhere.
function limitsOf(stallSeconds: string | boolean | undefined): Partial<WatchLimits> {
  if (stallSeconds === undefined || stallSeconds === '') return {};
  const seconds = Number(stallSeconds);
  if (!(seconds > 0 && seconds <= MOST_STALL_SECONDS)) {
    throw new UsageError(
      `STALL_SECONDS is '${stallSeconds}': expected a number of seconds above 0 and at most ${MOST_STALL_SECONDS}. Correct it.`,
    );
  }
  return { stallMs: seconds * 1000, pingMs: Math.min(WATCH_LIMITS.pingMs, seconds * 1000) };
}

function given(places: Partial<Places>, name: keyof Places): string {
  const place = places[name];
  if (place === undefined) throw new Error(`The command uses the ${name} but does not require it.`);
  return place;
}
