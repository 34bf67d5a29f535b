import { checkLakeFormat } from '@totesys/lake';
import { describeDatabaseError, describeError, ErrorCode, isDatabaseError, PipelineError } from '@totesys/runtime';
import { nameDatabase } from '../places/name-database.ts';
import { findPlaces, type PlaceOptions, type Places, requirePlaces } from '../places/places.ts';
import { openTerminal, type Terminal } from '../terminal/terminal.ts';
import {
  type Command,
  type CommandContext,
  type CommandOptions,
  type CommandResult,
  createContext,
} from './command-context.ts';
import { UsageError } from './usage-error.ts';

/** The exit codes that others may script against. */
export const ExitCode = { done: 0, wrong: 1, usage: 2, interrupted: 130 } as const;

/** Options of every command. */
export interface GlobalOptions extends PlaceOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** What an interrupted command may still take to end: milliseconds. */
const STOP_TIMEOUT_MS = 3_000;
/** What a command may take to let go of its connections: milliseconds, longer than each of them takes. */
const CLOSE_TIMEOUT_MS = 6_000;

/** Runs a command to its exit code: places first, then the work, then one answer, whatever happens and whatever never ends. */
export async function runCommand(
  command: Command,
  needs: readonly (keyof Places)[],
  interrupted: AbortSignal,
  { options, names }: { readonly options: GlobalOptions; readonly names: readonly string[] },
): Promise<number> {
  const terminal = openTerminal({ json: options.json ?? false, verbose: options.verbose ?? false });
  const startedMs = performance.now();
  let places: Partial<Places> = {};
  try {
    places = findPlaces(options, process.env);
    requirePlaces(places, needs);
    if (interrupted.aborted) throw new Interrupted();
    const context = createContext(places, terminal, interrupted, options as CommandOptions);
    const work = checkFormats(context, needs).then(() => command(context, ...names));
    work.catch(() => {});
    try {
      const result = await Promise.race([work, untilAborted(interrupted)]);
      return settle(result, startedMs, terminal);
    } finally {
      terminal.clearBars();
      await Promise.race([context.close(), delay(CLOSE_TIMEOUT_MS)]);
      if (interrupted.aborted) await Promise.race([work.catch(() => {}), delay(STOP_TIMEOUT_MS)]);
    }
  } catch (error) {
    return complain(inOurWords(error, places), terminal);
  }
}

// Before the command does anything: one that files a request or removes leftovers would write to a lake that it does not understand.
async function checkFormats(context: CommandContext, needs: readonly (keyof Places)[]): Promise<void> {
  if (needs.includes('ingestion')) await checkLakeFormat(context.ingestion());
  if (needs.includes('processed')) await checkLakeFormat(context.processed());
}

/** Says what went wrong, in words and as JSON, and gives the exit code for it. */
export function complain(error: unknown, terminal: Terminal): number {
  const { code, message, exit } = describe(error);
  terminal.complain(`totesys: ${message}`);
  terminal.answer({ ok: false, error: { code, message } });
  return exit;
}

// What a stage or a check has not said itself; neither knows of the other database.
function inOurWords(error: unknown, places: Partial<Places>): unknown {
  if (!isDatabaseError(error)) return error;
  const database = nameDatabase(places, error);
  return describeDatabaseError(error, `The ${database}`, database);
}

/** The command was told to stop. */
export class Interrupted extends Error {
  constructor() {
    super('Interrupted. What was committed stays; run it again to go on.');
  }
}

function settle(result: CommandResult | 'interrupted', startedMs: number, terminal: Terminal): number {
  if (result === 'interrupted') throw new Interrupted();
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage = {
    seconds: (performance.now() - startedMs) / 1e3,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    peakMegabytes: maxRSS / 1024,
  };
  terminal.answer({ ...result, usage });
  return result.ok ? ExitCode.done : ExitCode.wrong;
}

function describe(error: unknown): { code: string; message: string; exit: number } {
  const { message, stack } = describeError(error);
  if (error instanceof Interrupted) return { code: 'INTERRUPTED', message, exit: ExitCode.interrupted };
  if (error instanceof UsageError) return { code: 'USAGE', message, exit: ExitCode.usage };
  if (error instanceof PipelineError) {
    const isUsage = error.code === ErrorCode.CONFIG_INVALID;
    return { code: error.code, message, exit: isUsage ? ExitCode.usage : ExitCode.wrong };
  }
  // Not one of ours: where it comes from is what helps.
  return { code: 'UNEXPECTED', message: stack ?? message, exit: ExitCode.wrong };
}

function untilAborted(signal: AbortSignal): Promise<'interrupted'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('interrupted');
    signal.addEventListener('abort', () => resolve('interrupted'), { once: true });
  });
}

function delay(timeMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, timeMs));
}
