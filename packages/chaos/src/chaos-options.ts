import { UsageError } from '@totesys/cli';
import { HINT_MODES, type HintMode } from '@totesys/ingest';
import { FAULTS, type Fault } from './effects.ts';
import type { Extent } from './plan-trials.ts';
import { PLANTED_BUGS, type PlantedBug } from './planted-bugs.ts';

/** The options of a run. */
export interface ChaosOptions {
  readonly seeds: readonly number[];
  readonly extent: Extent;
  readonly bug?: PlantedBug;
  /** The only point to try, by its number or the beginning of its name; undefined for those of the extent. */
  readonly point?: number | string;
  readonly fault: Fault;
  /** Whether the point is a request to a bucket. */
  readonly inBucket: boolean;
  /** Only sources with this mode of hints; undefined for those without hints, and those with the seed's mode. */
  readonly hints?: HintMode;
  /** Whether only runs that release WAL are tried. */
  readonly isQuiet: boolean;
  readonly json: boolean;
}

/** Parses the options of the command line; throws a `UsageError` for a wrong one. */
export function parseChaosOptions(options: Readonly<Record<string, unknown>>): ChaosOptions {
  const { seeds, seed, point, at, fault = 'kill', bucket, hints, quiet, bug, all, short, json } = options;
  const named = at ?? (point === undefined ? undefined : parseCount(point, '--point'));
  return {
    seeds: seed === undefined ? firstSeeds(parseCount(seeds ?? 1, '--seeds')) : [parseCount(seed, '--seed')],
    extent: short ? 'short' : all ? 'all' : 'share',
    ...(bug !== undefined && { bug: parseOneOf(bug, PLANTED_BUGS, '--bug') }),
    ...(named !== undefined && { point: named as number | string }),
    fault: parseOneOf(fault, [...new Set<Fault>(Object.values(FAULTS).flat())], '--fault'),
    inBucket: bucket === true,
    ...(hints !== undefined && { hints: parseOneOf(hints, HINT_MODES, '--hints') }),
    isQuiet: quiet === true,
    json: json === true,
  };
}

function firstSeeds(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

function parseCount(given: unknown, option: string): number {
  const number = Number(given);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new UsageError(`${option} is not a number: expected an integer from 1, got '${given}'.`);
}

function parseOneOf<T extends string>(given: unknown, known: readonly T[], option: string): T {
  const found = known.find((name) => name === given);
  if (found !== undefined) return found;
  throw new UsageError(`${option} has an unknown value: expected one of ${known.join(', ')}, got '${given}'.`);
}
