import { setTimeout as delay } from 'node:timers/promises';
import type { Dimension, Fact } from '@totesys/schema';
import { findLoadedBatch } from '@totesys/warehouse';
import { findDifferingKeys } from './compare-range.ts';
import type { ComparedTable } from './compared-table.ts';
import type { Comparison } from './comparison.ts';
import { describeTable } from './describe-table.ts';
import { addUnreadable, excuseKeys } from './excuses.ts';
import { nameDifferences } from './name-differences.ts';
import type { PendingRow, PendingRows } from './pending-rows.ts';
import { isCarried, type RowVersions, readRowVersions } from './row-versions.ts';
import { type Sides, withSides } from './sides.ts';

/** How often the ledger is read for a new batch: milliseconds. */
const POLL_MS = 500;
/** Keys that one pair of statements compares again. */
const LOOK_KEYS = 500;

/**
 * Compares pending rows again after each batch that is loaded, until each is settled or the time is over. A row is a
 * difference once batches carry its version, or once a batch that began after the row was seen was loaded and the same
 * version still differs.
 */
export async function followPending(comparison: Comparison, firstBatch: number): Promise<void> {
  const { options, pending } = comparison;
  if (!pending || pending.size === 0) return;
  if (options.waitMs > 0) options.onWait(pending.size);
  const deadlineMs = Date.now() + options.waitMs;
  let batch = firstBatch;
  while (pending.isWaitedFor && Date.now() < deadlineMs && !options.interrupted.aborted) {
    const loaded = await findLoadedBatch(options.warehouse);
    if (loaded === batch) {
      await delay(POLL_MS);
      continue;
    }
    await withSides(options, async (sides) => {
      batch = sides.batch;
      await compareAgain(comparison, pending, sides);
    });
  }
  countRest(comparison, pending);
}

async function compareAgain(comparison: Comparison, pending: PendingRows, sides: Sides): Promise<void> {
  const { model } = comparison.options;
  for (const declared of model.warehouse) {
    const keys = [...pending.of(declared.name).keys()];
    if (keys.length === 0 || declared.kind === 'calendar') continue;
    const table = await describeTable(model, declared, sides.pairs[0], sides.hashing);
    for (let at = 0; at < keys.length; at += LOOK_KEYS) {
      const chunk = keys.slice(at, at + LOOK_KEYS);
      await compareKeysAgain(comparison, pending, sides, { table, origin: declared, keys: chunk });
    }
  }
}

async function compareKeysAgain(
  comparison: Comparison,
  pending: PendingRows,
  sides: Sides,
  { table, origin, keys }: { table: ComparedTable; origin: Dimension | Fact; keys: readonly number[] },
): Promise<void> {
  const { options, findings } = comparison;
  const [pair] = sides.pairs;
  const differing = await findDifferingKeys(table, pair, { keys });
  const still = await excuseKeys(comparison, table, pair, differing);
  addUnreadable(
    findings,
    table,
    keys.filter((key) => table.unreadable.has(key)),
  );
  const { versions, clock } = await readRowVersions(pair.source, options.model, origin, still);
  const room = Math.max(findings.room, pending.room);
  const named = await nameDifferences(table, pair, still, { showValues: options.showValues, room });
  for (const key of keys) {
    const before = pending.of(table.name).get(key)!;
    const difference = named.get(key);
    if (!difference) {
      pending.delete(table.name, key);
      continue;
    }
    const version = versions.get(key)!;
    if (isDifference(before, version, sides)) {
      findings.addDifference(key, difference);
      pending.delete(table.name, key);
    } else if (version.name !== before.version) {
      const hasMoved = isLater(sides, before.firstClock);
      pending.set({ ...before, difference, version: version.name, clock, hasMoved });
    }
  }
}

function isDifference(before: PendingRow, version: RowVersions, sides: Sides): boolean {
  if (sides.carried && isCarried(sides.carried, version)) return true;
  return isLater(sides, before.clock) && version.name === before.version;
}

// Whether the newest loaded batch began after that moment, by the source's clock.
function isLater({ sourceClock }: Sides, clock: string): boolean {
  return (sourceClock ?? '') > clock;
}

// Without a lake nothing shows which rows are unread: a row that still differs counts, unless it changed again.
function countRest({ options, findings }: Comparison, pending: PendingRows): void {
  for (const { key, difference, hasMoved } of pending.all()) {
    if (options.ingestion || hasMoved) findings.addUnread(difference, hasMoved);
    else findings.addDifference(key, difference);
  }
}
