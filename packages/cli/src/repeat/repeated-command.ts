import type { CommandContext } from '../process/command-context.ts';
import type { RunEnd } from './repeat-runs.ts';

/** What one run of a repeated command did. */
export interface RepeatedRun extends RunEnd {
  readonly hasChanged: boolean;
  /** One line about what the run did. */
  readonly summary: string;
  /** The fields of its JSON object. */
  readonly result: Readonly<Record<string, unknown>>;
}

/**
 * Checks what the first run of a command needs, and returns the function that does one run. It is called again until it
 * succeeds once; what it makes lives as long as the process.
 */
export type PrepareRuns = (context: CommandContext) => Promise<() => Promise<RepeatedRun>>;

/** The option of commands whose runs can be repeated. */
export const EVERY_OPTION = {
  flags: '--every <interval>',
  text: 'repeat the run at this interval, such as 1s or 5m, until a signal stops the process',
};
