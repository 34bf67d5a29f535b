import type { CommandOptions } from '../process/command-options.ts';
import { UsageError } from '../process/usage-error.ts';

/** Throws unless exactly one of `--keys` and `--all` is given. */
export function requireKeysOrAll({ keys, all }: CommandOptions): void {
  if ((keys === undefined) === (all === undefined)) {
    throw new UsageError('The rows are not given: expected either --keys, for example --keys 1-100,205, or --all.');
  }
}
