import { KeySetBuilder } from '@totesys/lake';
import { type Difference, type ExcusedRow, noCounts, type TableCounts } from './difference.ts';

/** How many differences are named one by one; the counts include all. */
const MOST_NAMED = 1_000;

/**
 * What a comparison found: counts of each table, the first differences by name, and the keys of all differences as
 * ranges.
 */
export class Findings {
  readonly counts: ReadonlyMap<string, TableCounts>;
  readonly differences: Difference[] = [];
  readonly unread: Difference[] = [];
  /** The first rows that are in quarantine or held. */
  readonly excused: ExcusedRow[] = [];
  /** Unread rows for which no batch that began after they were seen has been loaded. */
  unsettled = 0;
  readonly #keys = new Map<string, KeySetBuilder>();

  constructor(tables: readonly string[]) {
    this.counts = new Map(tables.map((name) => [name, noCounts()]));
  }

  /** How many more differences can be named. */
  get room(): number {
    return MOST_NAMED - this.differences.length;
  }

  /** Returns the counts of one table, to add to. */
  of(table: string): TableCounts {
    const counts = this.counts.get(table);
    if (!counts) throw new Error(`The comparison has no table '${table}'.`);
    return counts;
  }

  /** Counts a difference, and names it while there is room. */
  addDifference(key: number, difference: Difference): void {
    this.of(difference.table)[difference.kind]++;
    const keys = this.#keys.get(difference.table) ?? new KeySetBuilder();
    this.#keys.set(difference.table, keys);
    keys.add(key);
    if (this.differences.length < MOST_NAMED) this.differences.push(difference);
  }

  /** Counts a row that differs for a reason, and names it while there is room; kept rows are not named. */
  addExcused(row: ExcusedRow): void {
    this.of(row.table)[row.excuse]++;
    if (row.excuse !== 'kept' && this.excused.length < MOST_NAMED) this.excused.push(row);
  }

  /** Counts an unread row. `isMoving`: a later batch was loaded, and the row has changed again. */
  addUnread(difference: Difference, isMoving: boolean): void {
    this.of(difference.table).unread++;
    if (!isMoving) this.unsettled++;
    if (this.unread.length < MOST_NAMED) this.unread.push(difference);
  }

  /** Returns the keys of a table's differences, as ranges. */
  rangesOf(table: string): [number, number][] {
    return [...(this.#keys.get(table)?.build().ranges() ?? [])];
  }

  /** Returns a sum over all tables. */
  total(of: (counts: TableCounts) => number): number {
    let sum = 0;
    for (const counts of this.counts.values()) sum += of(counts);
    return sum;
  }

  /** The number of differences. */
  get differing(): number {
    return this.total(({ missing, extra, differs }) => missing + extra + differs);
  }
}
