import type { CommandOptions } from '../process/command-options.ts';
import { UsageError } from '../process/usage-error.ts';

/** Parses the value of an option that is a whole number from 1 to `most`. */
export function parseCount(flag: string, text: CommandOptions[string], most: number): number {
  if (typeof text === 'string' && /^\d{1,9}$/.test(text) && Number(text) >= 1 && Number(text) <= most)
    return Number(text);
  throw new UsageError(`${flag} is not valid: expected a whole number from 1 to ${most}.`);
}
