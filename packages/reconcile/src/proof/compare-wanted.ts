import { KeySet } from '@totesys/lake';
import type { WarehouseTable } from '@totesys/schema';
import { compareRange, compareSelected } from '../rows/compare-range.ts';
import type { ComparedTable } from '../rows/compared-table.ts';
import type { Comparison } from '../rows/comparison.ts';
import { cutRange, findBounds } from '../rows/cut-into-ranges.ts';
import { describeTable } from '../rows/describe-table.ts';
import { addUnreadable } from '../rows/excuses.ts';
import { judgeKeys } from '../rows/judge-keys.ts';
import type { Sides } from '../rows/sides.ts';
import type { TableKeys } from './join-ranges.ts';
import { cutSlice, isLastSlice, type Slice } from './rotation.ts';

/** Keys of short ranges that one pair of statements compares; a range with more keys is compared by itself. */
const LISTED_KEYS = 2_000;

/** What a proof compares: keys of each table, and a slice of all of them. */
export interface Wanted {
  readonly keys: TableKeys;
  readonly slice: Slice;
  /** Whether the calendar is compared although the slice is not the last one. */
  readonly hasCalendar: boolean;
}

/** What a proof compared: the keys of each table, and where the next slice begins. */
export interface Compared {
  readonly keys: TableKeys;
  readonly next: Readonly<Record<string, number>>;
}

/** Compares the wanted keys and the slice of each table; the calendar as a whole, in the last slice of a cycle. */
export async function compareWanted(comparison: Comparison, sides: Sides, wanted: Wanted): Promise<Compared> {
  const keys = new Map<string, KeySet>();
  const next: Record<string, number> = {};
  for (const declared of comparison.options.model.warehouse) {
    const isCalendar = declared.kind === 'calendar';
    if (isCalendar && !isLastSlice(wanted.slice) && !wanted.hasCalendar) continue;
    const table = await describeTable(comparison.options.model, declared, sides.pairs[0], sides.hashing);
    const chosen = await chooseKeys(table, declared, sides, wanted);
    if (chosen.next !== undefined) next[declared.name] = chosen.next;
    keys.set(declared.name, chosen.keys);
    await compareKeys(comparison, table, sides, chosen.keys);
    addUnreadable(comparison.findings, table, table.unreadable);
  }
  return { keys, next };
}

async function chooseKeys(
  table: ComparedTable,
  { kind, name }: WarehouseTable,
  { pairs }: Sides,
  { keys, slice }: Wanted,
): Promise<{ readonly keys: KeySet; readonly next?: number | undefined }> {
  const bounds = await findBounds(table, pairs[0]);
  if (kind === 'calendar') return { keys: bounds ? KeySet.of([[bounds.first, bounds.last]]) : KeySet.empty };
  const range = bounds && cutSlice(slice, name, bounds);
  const wanted = keys.get(name) ?? KeySet.empty;
  return {
    keys: range ? wanted.union(KeySet.of([[range.first, range.last]])) : wanted,
    next: range ? range.last + 1 : slice.keys[name],
  };
}

async function compareKeys(comparison: Comparison, table: ComparedTable, sides: Sides, keys: KeySet): Promise<void> {
  const [pair] = sides.pairs;
  const counts = comparison.findings.of(table.name);
  const judge = (found: Parameters<typeof judgeKeys>[2]) =>
    judgeKeys(comparison, { table, pair, carried: sides.carried }, found);
  const add = (rows: { expected: number; actual: number }) => {
    counts.expected += rows.expected;
    counts.actual += rows.actual;
    comparison.options.telemetry.progress(table.name, Math.max(counts.expected, counts.actual));
  };
  const isLong = ([first, last]: readonly [number, number]) => last - first >= LISTED_KEYS;
  const ranges = [...keys.ranges()];
  for (const [first, last] of ranges.filter(isLong)) {
    for (const range of cutRange({ first, last })) {
      comparison.options.interrupted.throwIfAborted();
      add(await compareRange(table, pair, range, judge));
    }
  }
  for (const listed of KeySet.of(ranges.filter((range) => !isLong(range))).chunks(LISTED_KEYS)) {
    comparison.options.interrupted.throwIfAborted();
    const { keys: differing, ...rows } = await compareSelected(table, pair, { keys: listed });
    add(rows);
    await judge(differing);
  }
}
