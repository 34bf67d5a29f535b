import { parseInterval } from '../parse/parse-interval.ts';
import { checkFormats } from '../places/check-formats.ts';
import { withDatabaseName } from '../places/name-database.ts';
import { findPlaces, type PlaceOptions, type Places, requirePlaces } from '../places/places.ts';
import { repeatCommand } from '../repeat/repeat-command.ts';
import { openTerminal, type Terminal } from '../terminal/terminal.ts';
import type { CommandDefinition, CommandResult } from './command.ts';
import { type CommandContext, createContext } from './command-context.ts';
import type { CommandOptions } from './command-options.ts';
import { ExitCode } from './exit-code.ts';
import { Interrupted } from './interrupted.ts';
import { measureUsage, type Usage } from './measure-usage.ts';
import { reportError } from './report-error.ts';

/** Options of every command. */
export interface GlobalOptions extends PlaceOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
  /** The interval at which the command is repeated; only some commands have this option. */
  readonly every?: string;
}

/** The part of a command's declaration that executes it. */
type Executable = Pick<CommandDefinition, 'needs' | 'run' | 'prepareRuns'>;

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
export async function executeCommand(definition: Executable, { options, names, interrupted }: Call): Promise<number> {
  const terminal = openTerminal({ json: options.json ?? false, verbose: options.verbose ?? false });
  const usage = measureUsage();
  let places: Partial<Places> = {};
  try {
    places = findPlaces(options, process.env);
    requirePlaces(places, definition.needs);
    if (interrupted.aborted) throw new Interrupted();
    const context = createContext(places, terminal, interrupted, options as CommandOptions);
    const work = start(definition, context, { names, options });
    // If the interruption comes first, nothing else handles a later failure.
    work.catch(() => {});
    try {
      const result = await Promise.race([work, whenAborted(interrupted)]);
      if (result === 'interrupted') throw new Interrupted();
      return printResult(result, usage(), terminal);
    } finally {
      terminal.clearBars();
      await Promise.race([context.close(), delay(CLOSE_TIMEOUT_MS)]);
      if (interrupted.aborted) await Promise.race([work.catch(() => {}), delay(STOP_TIMEOUT_MS)]);
    }
  } catch (error) {
    return reportError(withDatabaseName(error, places), terminal);
  }
}

async function start(
  { needs, run, prepareRuns }: Executable,
  context: CommandContext,
  { names, options: { every, verbose = false } }: Pick<Call, 'names' | 'options'>,
): Promise<CommandResult> {
  if (prepareRuns === undefined || every === undefined) {
    await checkFormats(context, needs);
    return await run(context, ...names);
  }
  const intervalMs = parseInterval(every);
  const prepare: typeof prepareRuns = async (quiet) => {
    await checkFormats(quiet, needs);
    return await prepareRuns(quiet);
  };
  return await repeatCommand(context, { prepare, intervalMs, reportsIdle: verbose });
}

function printResult({ exitCode, ...result }: CommandResult, usage: Usage, terminal: Terminal): number {
  terminal.printJson({ ...result, usage });
  return exitCode ?? (result.ok ? ExitCode.done : ExitCode.wrong);
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
