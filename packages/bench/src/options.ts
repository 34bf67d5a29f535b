import { join, resolve } from 'node:path';
import { UsageError } from '@totesys/cli';
import { PACKAGE } from './programs.ts';
import { readResult } from './report/read-result.ts';
import type { BenchResult } from './report/result.ts';

/** The options of both benches, unchecked. */
export interface RawOptions {
  readonly json?: unknown;
  readonly out?: unknown;
  readonly compare?: unknown;
  readonly [name: string]: unknown;
}

/** Where the JSON and the plot go by default. */
export const DEFAULT_OUT = join(PACKAGE, '../../build/bench');

/** Returns an option as a whole number of at least `least`, or throws a usage error. */
export function parseCount(options: RawOptions, name: string, least: number): number {
  const value = Number(options[name]);
  if (options[name] === '' || !Number.isInteger(value) || value < least)
    throw new UsageError(
      `--${dashed(name)} is not a number: expected an integer from ${least}, got '${options[name]}'.`,
    );
  return value;
}

/** Returns the folder for the result and the earlier result to compare with; both are read before anything starts. */
export async function parseOutput(
  options: RawOptions,
): Promise<{ readonly folder: string; readonly before: BenchResult | undefined }> {
  const before = options.compare === undefined ? undefined : await readResult(resolve(String(options.compare)));
  return { folder: resolve(String(options.out ?? DEFAULT_OUT)), before };
}

const dashed = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
