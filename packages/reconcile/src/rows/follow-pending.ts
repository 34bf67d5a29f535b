import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from '@totesys/runtime';
import type { Dimension, Fact } from '@totesys/schema';
import { findLoadedBatch } from '@totesys/warehouse';
import { compareKeys, type Pair } from './compare-range.ts';
import { addUnreadable, type ComparedSides, type Comparison } from './compare-tables.ts';
import type { ComparedTable } from './compared-table.ts';
import { describeTable } from './describe-table.ts';
import { readExcuses } from './excuses.ts';
import { nameDifferences } from './name-differences.ts';
import type { PendingKey, PendingKeys } from './pending-rows.ts';
import { isRead, type RowVersions, readRowVersions } from './row-versions.ts';

/** How often the ledger is looked at for a batch that has come: milliseconds. */
const POLL_MS = 500;
/** Keys that are looked at again by one pair of statements. */
const LOOK_KEYS = 500;

/** How pending rows are followed. */
export interface Following {
  readonly warehouse: Pool;
  readonly pending: PendingKeys;
  /** The newest batch that the first comparison saw. */
  readonly batch: number;
  /** The moment, in milliseconds since 1970, after which nothing more is waited for. */
  readonly deadlineMs: number;
  readonly interrupted: AbortSignal;
  /** Whether batches say what they have read, so that only that counts. */
  readonly hasLake: boolean;
  /** Gives new snapshots of both sides to whoever compares under them. */
  look(work: (prepared: ComparedSides) => Promise<void>): Promise<void>;
}

/**
 * Looks at pending rows again with each batch that is loaded, until each is settled or time is up. A row is a difference once batches say
 * that they carry its version, or once a batch that began after the row was seen has come and the very same version still differs.
 */
export async function followPending(comparison: Comparison, following: Following): Promise<void> {
  const { pending, interrupted } = following;
  let { batch } = following;
  while (pending.isWaitedFor && Date.now() < following.deadlineMs && !interrupted.aborted) {
    const loaded = await findLoadedBatch(following.warehouse);
    if (loaded === batch) {
      await delay(POLL_MS);
      continue;
    }
    await following.look(async (prepared) => {
      batch = prepared.sides.warehouse.batch;
      await lookAgain(comparison, prepared, pending);
    });
  }
  settleRest(comparison, pending, following.hasLake);
}

async function lookAgain(comparison: Comparison, prepared: ComparedSides, pending: PendingKeys): Promise<void> {
  const pair = prepared.pairs[0] as Pair;
  for (const declared of comparison.model.warehouse) {
    const keys = [...pending.of(declared.name).keys()];
    if (keys.length === 0 || declared.kind === 'calendar') continue;
    const table = await describeTable(comparison.model, declared, pair);
    for (let at = 0; at < keys.length; at += LOOK_KEYS) {
      await lookAtKeys(comparison, prepared, pending, {
        table,
        origin: declared,
        keys: keys.slice(at, at + LOOK_KEYS),
      });
    }
  }
}

async function lookAtKeys(
  { model, findings }: Comparison,
  prepared: ComparedSides,
  pending: PendingKeys,
  { table, origin, keys }: { table: ComparedTable; origin: Dimension | Fact; keys: readonly number[] },
): Promise<void> {
  const { naming, sides } = prepared;
  const pair = prepared.pairs[0] as Pair;
  const differing = await compareKeys(table, pair, { keys }, naming.hashing);
  const excuses = await readExcuses(table, { model, pair, hashing: naming.hashing }, differing);
  for (const [key, excuse] of excuses) findings.addExcused({ table: table.name, id: table.describeKey(key), excuse });
  for (const key of keys) if (table.unreadable.has(key)) addUnreadable(findings, table, key);
  const still = differing.filter(({ key }) => !excuses.has(key) && !table.unreadable.has(key));
  const { versions, clock } = await readRowVersions(pair.source, model, origin, still);
  const named = await nameDifferences(table, pair, still, naming, Math.max(findings.room, pending.room));
  for (const key of keys) {
    const difference = named.get(key);
    const before = pending.of(table.name).get(key)!;
    const newest = sides.warehouse.sourceClock ?? '';
    if (!difference) pending.delete(table.name, key);
    else if (isDifference(prepared, versions.get(key)!, before, newest > before.clock)) {
      findings.addDifference(key, difference);
      pending.delete(table.name, key);
    } else if (versions.get(key)!.name !== before.version) {
      const version = versions.get(key)!.name;
      pending.set({ ...before, difference, version, clock, hasMoved: newest > before.firstClock });
    }
  }
}

function isDifference({ read }: ComparedSides, version: RowVersions, before: PendingKey, hasCome: boolean): boolean {
  if (read && isRead(read, version)) return true;
  return hasCome && version.name === before.version;
}

// Without a lake nobody knows whether the row has been read: what differs to the end counts, unless it kept moving.
function settleRest({ findings }: Comparison, pending: PendingKeys, hasLake: boolean): void {
  for (const { key, difference, hasMoved } of pending.all()) {
    if (hasLake || hasMoved) findings.addUnread(difference, hasMoved);
    else findings.addDifference(key, difference);
  }
}
