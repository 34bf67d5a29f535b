import type { CarriedRows } from '@totesys/source';
import type { DifferingKey } from './compare-range.ts';
import type { ComparedTable } from './compared-table.ts';
import type { Comparison } from './comparison.ts';
import { excuseKeys } from './excuses.ts';
import { nameDifferences } from './name-differences.ts';
import type { PendingRows } from './pending-rows.ts';
import { isCarried, type RowVersions, readRowVersions } from './row-versions.ts';
import type { Pair } from './snapshots.ts';

/** Differing keys that one pair of statements judges. */
const JUDGED_KEYS = 500;

/** A table whose differing keys are judged. `carried` is undefined without a lake: then every row may be unread. */
export interface JudgedTable {
  readonly table: ComparedTable;
  readonly pair: Pair;
  readonly carried: CarriedRows | undefined;
}

/** Judges each differing key: an excuse, a difference, or a pending row, which a batch may still bring. */
export async function judgeKeys(
  comparison: Comparison,
  judged: JudgedTable,
  keys: readonly DifferingKey[],
): Promise<void> {
  for (let at = 0; at < keys.length; at += JUDGED_KEYS) {
    const differing = await excuseKeys(comparison, judged.table, judged.pair, keys.slice(at, at + JUDGED_KEYS));
    const { origin } = judged.table;
    if (comparison.pending && origin) {
      const { model } = comparison.options;
      const found = await readRowVersions(judged.pair.source, model, origin, differing);
      const { carried } = judged;
      const isSettled = ({ key }: DifferingKey) => !!carried && isCarried(carried, found.versions.get(key)!);
      const unread = differing.filter((each) => !isSettled(each));
      await addDifferences(comparison, judged, differing.filter(isSettled));
      await addPending({ ...comparison, pending: comparison.pending }, judged, unread, found);
    } else {
      await addDifferences(comparison, judged, differing);
    }
  }
}

async function addDifferences(
  { options, findings }: Comparison,
  { table, pair }: JudgedTable,
  keys: readonly DifferingKey[],
): Promise<void> {
  const named = await nameDifferences(table, pair, keys, { showValues: options.showValues, room: findings.room });
  for (const [key, difference] of named) findings.addDifference(key, difference);
}

async function addPending(
  { options, findings, pending }: Comparison & { pending: PendingRows },
  { table, pair, carried }: JudgedTable,
  keys: readonly DifferingKey[],
  { versions, clock }: { versions: ReadonlyMap<number, RowVersions>; clock: string },
): Promise<void> {
  const named = await nameDifferences(table, pair, keys, { showValues: options.showValues, room: pending.room });
  for (const [key, difference] of named) {
    const version = versions.get(key)!.name;
    if (pending.set({ key, difference, version, clock, firstClock: clock, hasMoved: false })) continue;
    // Too many to follow: with a lake the row is known to be unread, without one it counts.
    if (carried) findings.addUnread(difference, false);
    else findings.addDifference(key, difference);
  }
}
