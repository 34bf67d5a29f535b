import type { CommanderError } from 'commander';
import { UsageError } from './usage-error.ts';

/** Says what is wrong with a command line; where it has a URL, no word of it is repeated, as the shell may have split a password. */
export function describeUsage(error: CommanderError, words: readonly string[]): UsageError {
  const fault = error.message.replace(/^error: |\.$/g, '');
  if (!words.some((word) => word.includes('://'))) return new UsageError(`${fault}. See totesys --help.`);
  // What is in quotes are options of ours or words of the command line.
  const safe = fault.replace(/'(?!--[a-z-]+['\s=]).*'/s, "'…'").replace(/(?<='--[a-z-]+=).*(?=')/s, '…');
  return new UsageError(
    `${safe}. A URL with spaces or characters of the shell must be in quotes, or in the environment. See totesys --help.`,
  );
}
