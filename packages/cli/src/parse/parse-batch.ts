import type { CommandOptions } from '../process/command-context.ts';
import { UsageError } from '../process/usage-error.ts';

/** A batch's number as a person writes it. */
export function parseBatch(text: string | undefined): number {
  if (text === undefined || !/^0*[1-9]\d{0,9}$/.test(text)) {
    throw new UsageError('That is no batch: expected a whole number from 1.');
  }
  return Number(text);
}

/** The batch that `--until` names, undefined where it is not given. */
export function parseUntil({ until }: CommandOptions): number | undefined {
  return until === undefined ? undefined : parseBatch(String(until));
}
