import type { Freshness } from '../report/result.ts';
import type { Arrivals } from './follower.ts';
import type { OperationKind } from './operation-kinds.ts';
import type { Committed } from './perform-operations.ts';

/** The most points of the plot over time. */
const MOST_POINTS = 60;

/** What became of the operations of a run. */
export interface Latencies extends Freshness {
  /** Operations of kinds that the tool finds, that neither arrived nor were overwritten: how many of each kind. */
  readonly lost: ReadonlyMap<string, number>;
  /** The same of kinds that the tool does not find. */
  readonly unfoundKinds: ReadonlyMap<string, number>;
}

/**
 * Returns the latencies of operations in the order of their commits: from the commit in the source to the arrival. An
 * operation whose row a later one changed before it arrived is counted as overwritten.
 */
export function measureLatencies(
  operations: readonly Committed[],
  arrivals: Arrivals,
  finds: (kind: OperationKind) => boolean,
): Latencies {
  const overwritten = findOverwritten(operations, arrivals);
  const missing = operations.filter(({ mark }) => !arrivals.has(mark) && !overwritten.has(mark));
  const unfound = missing.filter(({ kind }) => !finds(kind));
  const arrived = operations.flatMap(({ mark, committedAt }) => {
    const at = arrivals.get(mark);
    return at === undefined ? [] : [{ committedAt, seconds: at - committedAt }];
  });
  const seconds = arrived.map((each) => each.seconds);
  return {
    operations: operations.length,
    arrived: arrived.length,
    overwritten: overwritten.size,
    unfound: unfound.length,
    p50: percentile(seconds, 0.5),
    p95: percentile(seconds, 0.95),
    p99: percentile(seconds, 0.99),
    most: percentile(seconds, 1),
    overTime: overTime(arrived),
    unfoundKinds: countKinds(unfound),
    lost: countKinds(missing.filter(({ kind }) => finds(kind))),
  };
}

/** Returns the smallest value that is at least as high as this share of the values; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

// Dimensions and the source show only the last value of a row.
function findOverwritten(operations: readonly Committed[], arrivals: Arrivals): ReadonlySet<number> {
  const lastOf = new Map<string, number>();
  const rowOf = ({ kind, key, mark }: Committed) => (kind.rows === 1 ? `${kind.keys.table} ${key}` : `new ${mark}`);
  for (const operation of operations) lastOf.set(rowOf(operation), operation.mark);
  return new Set(
    operations
      .filter((operation) => lastOf.get(rowOf(operation)) !== operation.mark && !arrivals.has(operation.mark))
      .map(({ mark }) => mark),
  );
}

// The 99th percentile of each part of the time, so that a latency that grows is seen.
function overTime(arrived: readonly { readonly committedAt: number; readonly seconds: number }[]) {
  const first = arrived[0]?.committedAt ?? 0;
  const step = Math.max(1, ((arrived.at(-1)?.committedAt ?? 0) - first) / MOST_POINTS);
  const parts = new Map<number, number[]>();
  for (const { committedAt, seconds } of arrived) {
    const part = Math.floor((committedAt - first) / step);
    parts.set(part, [...(parts.get(part) ?? []), seconds]);
  }
  return [...parts].map(([part, seconds]) => ({ second: part * step, p99: percentile(seconds, 0.99) }));
}

function countKinds(operations: readonly Committed[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { kind } of operations) counts.set(kind.name, (counts.get(kind.name) ?? 0) + 1);
  return counts;
}
