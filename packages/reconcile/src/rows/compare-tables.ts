import type { Telemetry } from '@totesys/runtime';
import type { Model } from '@totesys/schema';
import type { CarriedRows } from '@totesys/source';
import { agreeOnHashing } from './agree-on-hashing.ts';
import { compareRange, cutIntoRanges, type DifferingKey, type KeyRange, type Pair } from './compare-range.ts';
import type { ComparedTable } from './compared-table.ts';
import { describeTable } from './describe-table.ts';
import { readExcuses } from './excuses.ts';
import type { Findings } from './findings.ts';
import { type Naming, nameDifferences } from './name-differences.ts';
import type { PendingKeys } from './pending-rows.ts';
import { isRead, readRowVersions } from './row-versions.ts';
import type { Sides } from './snapshots.ts';

/** Differing keys that are judged by one statement each. */
const JUDGED_KEYS = 500;

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
  readonly read: CarriedRows | undefined;
}

/** Gathers what it takes to compare two sides. */
export async function prepareSides(
  sides: Sides,
  read: CarriedRows | undefined,
  { showValues }: { showValues: boolean },
): Promise<ComparedSides> {
  const pairs = sides.warehouse.connections.map((warehouse, i) => ({
    source: sides.source.connections[i]!,
    warehouse,
  }));
  const hashing = await agreeOnHashing(pairs[0]!.source, pairs[0]!.warehouse);
  return { sides, pairs, read, naming: { hashing, showValues } };
}

/** Compares all tables, some ranges of keys at a time; what takes long to prepare does so beside the others. */
export async function compareSides(comparison: Comparison, prepared: ComparedSides): Promise<void> {
  const { model, findings, telemetry } = comparison;
  const { pairs, naming } = prepared;
  const compare = async (table: ComparedTable, pair: Pair, range: KeyRange) => {
    const rows = await compareRange(table, pair, range, naming.hashing, (keys) =>
      judgeKeys(comparison, prepared, table, pair, keys),
    );
    const counts = findings.of(table.name);
    counts.expected += rows.expected;
    counts.actual += rows.actual;
    telemetry.progress(table.name, Math.max(counts.expected, counts.actual));
  };
  const tables: ComparedTable[] = [];
  const work: ((pair: Pair) => Promise<void>)[] = model.warehouse.map((declared) => async (pair) => {
    const table = await describeTable(model, declared, pair);
    tables.push(table);
    for (const range of await cutIntoRanges(table, pair)) work.push((other) => compare(table, other, range));
  });
  await Promise.all(
    pairs.map(async (pair) => {
      for (let next = work.shift(); next; next = work.shift()) await next(pair);
    }),
  );
  for (const table of tables) for (const key of table.unreadable) addUnreadable(findings, table, key);
}

/** Lists a row that the source cannot read: it is in quarantine, or shows what it was when it last could be read. */
export function addUnreadable(findings: Findings, table: ComparedTable, key: number): void {
  findings.addExcused({ table: table.name, id: table.describeKey(key), excuse: 'quarantined' });
}

// What no batch has read yet is no difference yet, and where nothing says what has been read it may be one.
async function judgeKeys(
  { model, findings, pending }: Comparison,
  { naming, read }: ComparedSides,
  table: ComparedTable,
  pair: Pair,
  keys: readonly DifferingKey[],
): Promise<void> {
  for (let at = 0; at < keys.length; at += JUDGED_KEYS) {
    const chunk = keys.slice(at, at + JUDGED_KEYS);
    const excuses = await readExcuses(table, { model, pair, hashing: naming.hashing }, chunk);
    for (const [key, excuse] of excuses) findings.addExcused({ table: table.name, id: table.describeKey(key), excuse });
    const differing = chunk.filter(({ key }) => !excuses.has(key) && !table.unreadable.has(key));
    const seen = pending && table.origin && (await readRowVersions(pair.source, model, table.origin, differing));
    const isYoung = ({ key }: DifferingKey) => seen !== undefined && !(read && isRead(read, seen.versions.get(key)!));
    const young = differing.filter(isYoung);
    const certain = differing.filter((each) => !isYoung(each));
    for (const [key, difference] of await nameDifferences(table, pair, certain, naming, findings.room)) {
      findings.addDifference(key, difference);
    }
    if (!seen || !pending) continue;
    const { versions, clock } = seen;
    for (const [key, difference] of await nameDifferences(table, pair, young, naming, pending.room)) {
      const version = versions.get(key)!.name;
      if (pending.set({ key, difference, version, clock, firstClock: clock, hasMoved: false })) continue;
      if (read) findings.addUnread(difference, false);
      else findings.addDifference(key, difference);
    }
  }
}
