import { checkLakeFormat } from '@totesys/lake';
import { describeDatabaseError, isDatabaseError } from '@totesys/runtime';
import { nameDatabase } from '../places/name-database.ts';
import { findPlaces, type PlaceName, type PlaceOptions, type Places, requirePlaces } from '../places/places.ts';
import { openTerminal, type Terminal } from '../terminal/terminal.ts';
import type { CommandDefinition, CommandResult } from './command.ts';
import { type CommandContext, createContext } from './command-context.ts';
import type { CommandOptions } from './command-options.ts';
import { ExitCode } from './exit-code.ts';
import { Interrupted } from './interrupted.ts';
import { reportError } from './report-error.ts';

/** Options of every command. */
export interface GlobalOptions extends PlaceOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** How the operator called a command. */
export interface Call {
  readonly options: GlobalOptions;
  /** The arguments in their order. */
  readonly names: readonly string[];
  readonly interrupted: AbortSignal;
}

/** How long an interrupted command may take to end: milliseconds. */
const STOP_TIMEOUT_MS = 3_000;
/** How long a command may take to close its connections; longer than each of them takes. Milliseconds. */
const CLOSE_TIMEOUT_MS = 6_000;

/**
 * Executes a command and returns its exit code. It checks the places, runs the command and prints one result or one
 * error, also when the command is interrupted or never returns.
 */
export async function executeCommand(
  { needs, run }: Pick<CommandDefinition, 'needs' | 'run'>,
  { options, names, interrupted }: Call,
): Promise<number> {
  const terminal = openTerminal({ json: options.json ?? false, verbose: options.verbose ?? false });
  const startedMs = performance.now();
  let places: Partial<Places> = {};
  try {
    places = findPlaces(options, process.env);
    requirePlaces(places, needs);
    if (interrupted.aborted) throw new Interrupted();
    const context = createContext(places, terminal, interrupted, options as CommandOptions);
    const work = checkFormats(context, needs).then(() => run(context, ...names));
    // If the interruption comes first, nothing else handles a later failure.
    work.catch(() => {});
    try {
      const result = await Promise.race([work, whenAborted(interrupted)]);
      if (result === 'interrupted') throw new Interrupted();
      return printResult(result, startedMs, terminal);
    } finally {
      terminal.clearBars();
      await Promise.race([context.close(), delay(CLOSE_TIMEOUT_MS)]);
      if (interrupted.aborted) await Promise.race([work.catch(() => {}), delay(STOP_TIMEOUT_MS)]);
    }
  } catch (error) {
    return reportError(nameItsDatabase(error, places), terminal);
  }
}

// Before the command starts: one that files a request or removes leftovers must understand the format of the lake.
async function checkFormats(context: CommandContext, needs: readonly PlaceName[]): Promise<void> {
  if (needs.includes('ingestion')) await checkLakeFormat(context.ingestion());
  if (needs.includes('processed')) await checkLakeFormat(context.processed());
}

// A raw error of the driver does not say which database it comes from; only here are both known.
function nameItsDatabase(error: unknown, places: Partial<Places>): unknown {
  if (!isDatabaseError(error)) return error;
  const database = nameDatabase(places, error);
  return describeDatabaseError(error, `The ${database}`, database);
}

function printResult(result: CommandResult, startedMs: number, terminal: Terminal): number {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage = {
    seconds: (performance.now() - startedMs) / 1e3,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    peakMegabytes: maxRSS / 1024,
  };
  terminal.printJson({ ...result, usage });
  return result.ok ? ExitCode.done : ExitCode.wrong;
}

function whenAborted(signal: AbortSignal): Promise<'interrupted'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('interrupted');
    signal.addEventListener('abort', () => resolve('interrupted'), { once: true });
  });
}

function delay(timeMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, timeMs));
}
