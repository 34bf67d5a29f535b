import type { ReadRows } from '@totesys/ingest';
import type { Telemetry } from '@totesys/runtime';
import type { Model } from '@totesys/schema';
import { agreeOnHashing } from './agree-on-hashing.ts';
import { compareRange, cutIntoRanges, type DifferingKey, type Pair } from './compare-ranges.ts';
import type { ComparedTable } from './compared-table.ts';
import type { Difference } from './difference.ts';
import type { Findings } from './findings.ts';
import { listTables } from './list-tables.ts';
import { type Naming, nameDifferences } from './name-differences.ts';
import type { PendingKey, PendingKeys } from './pending-keys.ts';
import { readHeld } from './read-held.ts';
import { isRead, readRowVersions } from './row-versions.ts';
import type { Sides } from './snapshots.ts';

/** What a comparison works with and writes to. */
export interface Comparison {
  readonly model: Model;
  readonly telemetry: Telemetry;
  readonly showValues: boolean;
  readonly findings: Findings;
  /** Rows that differ, and may only be too young; undefined where what differs is a difference at once. */
  readonly pending: PendingKeys | undefined;
}

/** Both sides with all that it takes to compare them. */
export interface ComparedSides {
  readonly sides: Sides;
  readonly pairs: readonly Pair[];
  readonly naming: Naming;
  /** What the loaded batches say they have read of the source; undefined where no lake is given. */
  readonly read: ReadRows | undefined;
}

/** Gathers what it takes to compare two sides. */
export async function prepareSides(
  sides: Sides,
  read: ReadRows | undefined,
  { showValues }: { showValues: boolean },
): Promise<ComparedSides> {
  const pairs = sides.warehouse.connections.map((warehouse, i) => ({
    source: sides.source.connections[i]!,
    warehouse,
  }));
  const hashing = await agreeOnHashing(pairs[0]!.source, pairs[0]!.warehouse);
  return { sides, pairs, read, naming: { hashing, showValues, held: await readHeld(pairs[0]!.warehouse) } };
}

/** Compares all tables, some ranges of keys at a time. */
export async function compareSides(comparison: Comparison, prepared: ComparedSides): Promise<void> {
  const { model, findings, telemetry } = comparison;
  const { sides, pairs, naming } = prepared;
  const queue: { table: ComparedTable; range: { first: number; last: number } }[] = [];
  for (const table of await listTables(model, sides)) {
    for (const range of await cutIntoRanges(table, pairs[0]!)) queue.push({ table, range });
  }
  await Promise.all(
    pairs.map(async (pair) => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const { table, range } = next;
        const rows = await compareRange(table, pair, range, naming.hashing, (keys) =>
          judgeKeys(comparison, prepared, table, pair, keys),
        );
        const counts = findings.of(table.name);
        counts.expected += rows.expected;
        counts.actual += rows.actual;
        telemetry.progress(table.name, Math.max(counts.expected, counts.actual));
      }
    }),
  );
}

// What no batch has read yet is no difference yet, and where nothing says what has been read it may be one.
async function judgeKeys(
  { model, findings, pending }: Comparison,
  { naming, read }: ComparedSides,
  table: ComparedTable,
  pair: Pair,
  keys: readonly DifferingKey[],
): Promise<void> {
  for await (const named of nameDifferences(table, pair, keys, naming)) {
    for (const { verdict } of named) if (verdict !== 'difference') findings.of(table.name)[verdict]++;
    const differing = named.filter(({ verdict }) => verdict === 'difference');
    const seen =
      table.origin && pending && differing.length > 0
        ? await readRowVersions(
            pair.source,
            model,
            table.origin,
            differing.map(({ key }) => key),
          )
        : undefined;
    for (const { key, difference } of differing) {
      const version = seen?.versions.get(key);
      if (!seen || !version || (read && isRead(read, version))) findings.addDifference(key, difference);
      else if (!pending?.set(firstSeen(key, difference, version.name, seen.clock))) {
        if (read) findings.addUnread(difference, false);
        else findings.addDifference(key, difference);
      }
    }
  }
}

function firstSeen(key: number, difference: Difference, version: string, clock: string): PendingKey {
  return { key, difference, version, clock, firstClock: clock, hasMoved: false };
}
