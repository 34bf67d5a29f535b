import type { CommandOptions } from '../process/command-options.ts';
import { UsageError } from '../process/usage-error.ts';

/** Parses a batch number. */
export function parseBatch(text: string | undefined): number {
  if (text === undefined || !/^0*[1-9]\d{0,9}$/.test(text)) {
    throw new UsageError('The batch number is not valid: expected a whole number from 1.');
  }
  return Number(text);
}

/** Parses the batch number of `--until`; undefined without the option. */
export function parseUntil({ until }: CommandOptions): number | undefined {
  return until === undefined ? undefined : parseBatch(String(until));
}
