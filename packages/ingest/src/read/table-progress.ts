import type { RowVisitor } from '@totesys/columns';
import { type Coverage, KeySet, KeySetBuilder } from '@totesys/lake';
import type { SourceTable } from '@totesys/schema';
import {
  coveredThrough,
  fenceNumber,
  knownKeyCount,
  type RowSelection,
  readKeys,
  readKnownKeys,
  selectCovered,
  WindowPairsBuilder,
  WitnessBuilder,
} from '@totesys/source';
import { type IngestRun, snapshotTable } from '../open/ingest-run.ts';
import type { RequestedKeys } from '../requests/requested-keys.ts';
import { beginTally, type RowTally } from './row-tally.ts';

/** What a run has found in one table so far, and how far the table is covered. */
export class TableProgress {
  readonly run: IngestRun;
  readonly table: SourceTable;
  coverage: Coverage;
  /** What requests ask for in this table. */
  readonly requested: RequestedKeys;
  /** The keys of the rows that the batch carries as changed. */
  readonly carried = new KeySetBuilder();
  readonly pairs = new WindowPairsBuilder();
  /** The keys of rows that the last batch should have carried, and that hints have missed. */
  readonly overdue = new KeySetBuilder();
  readonly witness: WitnessBuilder;
  #deleted = KeySet.empty;
  #known: KeySet | undefined;

  constructor(run: IngestRun, table: SourceTable) {
    this.run = run;
    this.table = table;
    this.coverage = run.coverageBefore.get(table.name) ?? 'none';
    this.requested = run.requests.keysOf(table.name);
    const before = this.coverage === 'none' ? undefined : run.state?.manifest;
    this.witness = new WitnessBuilder(
      before?.tables[table.name]?.witness,
      before ? fenceNumber(before.fence.to.xmax) : 0,
    );
  }

  /** The highest key that is covered. */
  get coveredThrough(): number {
    return coveredThrough(this.coverage);
  }

  /** Selects the covered rows. */
  get covered(): RowSelection {
    return selectCovered(this.coverage);
  }

  /** How many rows the table had at the last batch. */
  get rows(): number {
    return knownKeyCount(this.run.state, this.table);
  }

  /** The keys that the batch deletes. */
  get deleted(): KeySet {
    return this.#deleted;
  }

  /** Adds keys to those that the batch deletes. */
  delete(keys: KeySet): void {
    this.#deleted = this.#deleted.union(keys);
  }

  /** Reads the keys that batches have brought and not deleted. */
  async readKnown(): Promise<KeySet> {
    this.#known ??= await readKnownKeys(this.run.store, this.run.state, this.table);
    return this.#known;
  }

  /** Reads the keys of the selected rows. */
  async readPresent(selection: RowSelection): Promise<KeySet> {
    const present = new KeySetBuilder();
    await readKeys(snapshotTable(this.run, this.table), selection, (_xmin, key) => present.add(key));
    return present.build();
  }

  /**
   * Returns a function that begins the tally of one statement; `passOver` returns true for rows that the batch does
   * not carry.
   */
  tallyStarter(passOver: RowVisitor, present = new KeySetBuilder()): () => RowTally {
    const { carried, pairs, witness } = this;
    return () => beginTally(this.run, passOver, { present, carried, pairs, witness });
  }
}
