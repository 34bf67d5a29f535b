import type { CommanderError } from 'commander';
import { UsageError } from './usage-error.ts';

/**
 * Describes a wrong command line. If it has a URL, the message repeats no word of it: the shell may have split a
 * password into words. `program` is the command whose help the message names.
 */
export function describeUsage(error: CommanderError, words: readonly string[], program = 'totesys'): UsageError {
  const fault = error.message.replace(/^error: |\.$/g, '');
  if (!words.some((word) => word.includes('://'))) return new UsageError(`${fault}. See ${program} --help.`);
  // The parser quotes its own options and words of the command line; only the former may be repeated.
  const safe = fault.replace(/'(?!--[a-z-]+['\s=]).*'/s, "'…'").replace(/(?<='--[a-z-]+=).*(?=')/s, '…');
  const remedy = 'Put a URL with spaces or special characters of the shell in quotes, or set it in the environment';
  return new UsageError(`${safe}. ${remedy}. See ${program} --help.`);
}
