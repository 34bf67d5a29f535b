import { withDatabaseName } from '../places/name-database.ts';
import type { CommandContext } from '../process/command-context.ts';
import { measureUsage, type Usage } from '../process/measure-usage.ts';
import { describeFault } from '../process/report-error.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { endsRepetition } from './ends-repetition.ts';
import { quietTerminal } from './quiet-terminal.ts';
import { type Clock, repeatRuns } from './repeat-runs.ts';
import type { PrepareRuns, RepeatedRun } from './repeated-command.ts';

/** A command whose runs are repeated. */
export interface RepeatedCommand {
  /** Checks the places and returns the function that does one run. */
  readonly prepare: PrepareRuns;
  readonly intervalMs: number;
  /** Whether a run that changed nothing is reported, too. */
  readonly reportsIdle: boolean;
}

type UsedRun = RepeatedRun & { readonly usage: Usage };

/**
 * Repeats the runs of a command until a signal or an error that no repetition removes. Connections, stores and what the
 * stages remember live from run to run; after a failed run the connections are opened again. Reports one line for each
 * run that changed something, and one for each error.
 */
export function repeatCommand(context: CommandContext, command: RepeatedCommand, clock?: Clock): Promise<never> {
  const { prepare, intervalMs, reportsIdle } = command;
  const terminal = quietTerminal(context.terminal);
  const named = (error: unknown) => withDatabaseName(error, context.places);
  let runOnce: (() => Promise<RepeatedRun>) | undefined;
  const run = async (): Promise<UsedRun> => {
    const usage = measureUsage(process.cpuUsage());
    terminal.nextRun();
    try {
      runOnce ??= await prepare({ ...context, terminal });
      const end = await runOnce();
      return { ...end, faults: end.faults.map(named), usage: usage() };
    } catch (error) {
      return { ...failedRun(named(error)), usage: usage() };
    }
  };
  const report = (end: UsedRun, pauseMs: number) => {
    for (const fault of end.faults) reportFault(context.terminal, fault, pauseMs);
    if (end.hasChanged || (reportsIdle && end.faults.length === 0)) reportRun(context.terminal, end);
  };
  return repeatRuns({ intervalMs, interrupted: context.interrupted, run, report, reset: context.reset }, clock);
}

function failedRun(error: unknown): RepeatedRun {
  return { hasChanged: false, hasMore: false, summary: '', result: {}, faults: [error] };
}

function reportRun(terminal: Terminal, { summary, result, usage }: UsedRun): void {
  const time = new Date().toISOString();
  terminal.print(`${time}  ${summary}, ${usage.seconds.toFixed(1)} s`);
  terminal.printJsonLine({ ok: true, time, ...result, usage });
}

// The error that ends the process is the last one that the command reports.
function reportFault(terminal: Terminal, error: unknown, pauseMs: number): void {
  if (endsRepetition(error)) return;
  const { code, message } = describeFault(error);
  const time = new Date().toISOString();
  const next = `The next run starts in ${(pauseMs / 1000).toFixed(1)} s.`;
  terminal.log(`${time}  totesys: ${message} ${next}`);
  terminal.printJsonLine({ ok: false, time, error: { code, message } });
}
