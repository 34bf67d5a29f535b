import type { Coverage } from '@totesys/lake';
import type { SourceTable } from '@totesys/schema';
import { checkDeletes } from './check-deletes.ts';
import type { RowFilter } from './copy-decoder.ts';
import { fenceNumber } from './fence.ts';
import { type IngestRun, transactionIdOf } from './ingest-run.ts';
import { knownKeyCount, readKnownKeys } from './ingest-state.ts';
import { KeySet, KeySetBuilder } from './key-set.ts';
import { readKeys, setRowSelection } from './read-rows.ts';
import type { RowCounts } from './row-counts.ts';
import { findChunkEnd, type RowSelection } from './sql/select-rows.ts';
import { type WindowPairs, WindowPairsBuilder } from './window-pairs.ts';
import { chunksOf, writeSelected } from './write-changes.ts';

/** Keys that one statement reads again because they are there though nobody knew of them. */
const STRAY_KEYS = 50_000;

/** What a run found in one table. */
export interface TableChanges {
  /** How far the table is covered now. */
  readonly coverage: Coverage;
  /** The keys of all rows that the batch carries as changed. */
  readonly carried: KeySet;
  readonly deleted: KeySet;
  /** The known keys where they changed; undefined where they did not. */
  readonly known: KeySet | undefined;
  readonly pairs: WindowPairs;
  /** Whether the table's window was larger than the budget: all tables behind this one fall back. */
  readonly isCut: boolean;
}

/**
 * Reads what changed in a table within the keys covered so far, then covers more of it while the budget lasts and `mayCover` says so.
 * Every source key is either known or among the changed rows, so a count proves that none is gone; only when it falls short are keys compared.
 */
export async function readChanges(
  run: IngestRun,
  table: SourceTable,
  before: Coverage,
  counts: RowCounts | undefined,
  mayCover: boolean,
): Promise<TableChanges> {
  const reader = new ChangeReader(run, table);
  let coverage = before;
  if (counts) coverage = await reader.readWindow(before, counts);
  const isCut = coverage !== before;
  if (coverage !== 'full' && !isCut && mayCover && !run.budget.isSpent) coverage = await reader.cover(coverage);
  return { coverage, isCut, ...(await reader.finish()) };
}

class ChangeReader {
  readonly #run: IngestRun;
  readonly #table: SourceTable;
  readonly #pairs = new WindowPairsBuilder();
  readonly #carried = new KeySetBuilder();
  #deleted = KeySet.empty;
  #known: KeySet | undefined;

  constructor(run: IngestRun, table: SourceTable) {
    this.#run = run;
    this.#table = table;
  }

  /** Carries what changed among the covered keys; gives the coverage, which is less than before where the budget did not suffice. */
  async readWindow(covered: Exclude<Coverage, 'none'> | 'none', counts: RowCounts): Promise<Coverage> {
    const within: RowSelection = typeof covered === 'object' ? { through: covered.through } : {};
    const present = new KeySetBuilder();
    let reached: number | undefined;
    if (counts.inWindow > 0) {
      const isWhole = counts.inWindow <= this.#run.budget.chunkRows;
      reached = await this.readChunks({ ...within, inWindow: true }, isWhole, this.seenBefore(present));
    }
    const coverage = reached === undefined ? covered : { through: reached };
    const seen = present.build();
    if (seen.count === 0 && coverage === 'full' && counts.total === knownKeyCount(this.#run.state, this.#table))
      return coverage;
    const known = (await this.known()).within(Number.NEGATIVE_INFINITY, bound(coverage));
    if (reached !== undefined || counts.total !== known.union(seen).count)
      await this.compareKeys(coverage, known, seen);
    return coverage;
  }

  /** Reads on from where coverage stands; known keys of what it reads that are not there are deleted. */
  async cover(from: Coverage): Promise<Coverage> {
    const after = typeof from === 'object' ? from.through : undefined;
    const present = new KeySetBuilder();
    const reached = await this.readChunks(after === undefined ? {} : { after }, false, (shown, key) => {
      present.add(key);
      this.carry(shown, key);
      return true;
    });
    const coverage: Coverage = reached === undefined ? 'full' : { through: reached };
    const known = (await this.known()).within(after ?? Number.NEGATIVE_INFINITY, bound(coverage));
    this.#deleted = this.#deleted.union(known.minus(present.build()));
    return coverage;
  }

  async finish(): Promise<Pick<TableChanges, 'carried' | 'deleted' | 'known' | 'pairs'>> {
    const carried = this.#carried.build();
    const deleted = this.#deleted;
    const pairs = this.#pairs.build();
    if (carried.count === 0 && deleted.count === 0) return { carried, deleted, known: undefined, pairs };
    const known = await this.known();
    checkDeletes(this.#table.name, deleted.count, known.count, this.#run.acceptedDeletes);
    const next = known.union(carried).minus(deleted);
    const changed = next.count !== known.count || deleted.count > 0;
    return { carried, deleted, known: changed ? next : undefined, pairs };
  }

  // Decodes a row of the window unless an earlier batch carries the very version.
  private seenBefore(present: KeySetBuilder): RowFilter {
    const before = this.#run.pairs.tables.get(this.#table.name);
    return (shown, key) => {
      present.add(key);
      if (before?.has(transactionIdOf(this.#run, shown), key)) return false;
      this.carry(shown, key);
      return true;
    };
  }

  private carry(shown: number, key: number): void {
    this.#carried.add(key);
    const id = transactionIdOf(this.#run, shown);
    if (id >= fenceNumber(this.#run.snapshot.fence.xmin)) this.#pairs.add(id, key);
  }

  // Reads chunks in the keys' order until none is left (undefined) or the budget is spent (the last key reached).
  private async readChunks(selection: RowSelection, isWhole: boolean, accept: RowFilter): Promise<number | undefined> {
    const { budget } = this.#run;
    let after = selection.after;
    for (;;) {
      const rest: RowSelection = after === undefined ? selection : { ...selection, after };
      const end = isWhole ? undefined : await this.findEnd(rest, budget.chunkRows);
      const chunk: RowSelection = end === undefined ? rest : { ...rest, through: end };
      budget.take(await writeSelected(this.#run, this.#table, 'changed', chunk, accept));
      if (end === undefined) return undefined;
      after = end;
      if (budget.isSpent) return after;
    }
  }

  private async findEnd(selection: RowSelection, rows: number): Promise<number | undefined> {
    const [connection] = this.#run.snapshot.connections;
    await setRowSelection(connection, selection, this.#run.window);
    const [row] = await connection.unsafe(findChunkEnd(this.#table, selection), [String(rows)]);
    return row ? Number(row.key) : undefined;
  }

  // Known keys that are not there are deleted; keys that are there unknown are read, whoever hid them from the window.
  private async compareKeys(coverage: Coverage, known: KeySet, seen: KeySet): Promise<void> {
    const [connection] = this.#run.snapshot.connections;
    const builder = new KeySetBuilder();
    const selection: RowSelection = typeof coverage === 'object' ? { through: coverage.through } : {};
    await readKeys(connection, this.#table, selection, this.#run.window, (_shown, key) => builder.add(key));
    const present = builder.build();
    this.#deleted = this.#deleted.union(known.minus(present));
    for (const keys of chunksOf(present.minus(known).minus(seen), STRAY_KEYS)) {
      const stray: RowSelection = { keysIn: { column: this.#table.key, keys } };
      await writeSelected(this.#run, this.#table, 'changed', stray, (shown, key) => {
        this.carry(shown, key);
        return true;
      });
    }
  }

  private async known(): Promise<KeySet> {
    this.#known ??= await readKnownKeys(this.#run.store, this.#run.state, this.#table);
    return this.#known;
  }
}

function bound(coverage: Coverage): number {
  if (coverage === 'none') return Number.NEGATIVE_INFINITY;
  return coverage === 'full' ? Number.POSITIVE_INFINITY : coverage.through;
}
