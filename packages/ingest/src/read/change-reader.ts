import type { RowVisitor } from '@totesys/columns';
import { type Coverage, KeySet, KeySetBuilder, type TableWitness } from '@totesys/lake';
import type { SourceTable } from '@totesys/schema';
import {
  countDistinctRows,
  fenceNumber,
  findChunkEnd,
  knownKeyCount,
  type RowCounts,
  type RowSelection,
  readKeys,
  readKnownKeys,
  setRowSelection,
  type WindowPairs,
  WindowPairsBuilder,
  WitnessBuilder,
} from '@totesys/source';
import { type IngestRun, transactionIdOf } from '../open/ingest-run.ts';
import { piecesOf, type RequestedKeys, type RequestedPiece } from '../requests/requested-keys.ts';
import { writeSelected } from '../write/write-changes.ts';
import { checkDeletes } from './check-deletes.ts';
import { type RowTally, tallyRows } from './row-tally.ts';

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
  /** What a later run can expect of the table. */
  readonly witness: TableWitness | undefined;
}

/**
 * Reads one table in three passes: what changed within the keys covered so far, what requests ask for of them, more keys to cover.
 * Every source key is either known or among the changed rows, so a count proves that none is gone; only when it falls short are keys compared.
 */
export class ChangeReader {
  readonly table: SourceTable;
  readonly #run: IngestRun;
  readonly #pairs = new WindowPairsBuilder();
  readonly #carried = new KeySetBuilder();
  readonly #requested: RequestedKeys;
  readonly #witness: WitnessBuilder;
  #coverage: Coverage;
  #deleted = KeySet.empty;
  #known: KeySet | undefined;

  constructor(run: IngestRun, table: SourceTable, coverage: Coverage) {
    this.#run = run;
    this.table = table;
    this.#coverage = coverage;
    this.#requested = run.requests.keysOf(table.name);
    const isStart = coverage === 'none' || !run.state;
    this.#witness = new WitnessBuilder(
      isStart ? undefined : run.state?.manifest.tables[table.name]?.witness,
      isStart || !run.state ? 0 : fenceNumber(run.state.manifest.fence.to.xmax),
    );
  }

  /** How far the table is covered now. */
  get coverage(): Coverage {
    return this.#coverage;
  }

  /** Carries what changed among the covered keys; gives whether the budget sufficed. Where it did not, coverage ends at the key reached. */
  async readWindow(counts: RowCounts): Promise<boolean> {
    const present = new KeySetBuilder();
    let reached: number | undefined;
    if (counts.inWindow > 0) {
      const isWhole = counts.inWindow <= this.#run.budget.chunkRows;
      const before = this.#run.pairs.tables.get(this.table.name);
      // Rows that an earlier batch carries in that very version are passed over.
      const isCarried: RowVisitor = (shown, key) => before?.has(transactionIdOf(this.#run, shown), key) === true;
      reached = await this.readChunks({ ...this.covered, inWindow: true }, isWhole, this.tally(isCarried, present));
    }
    if (reached !== undefined) this.#coverage = { through: reached };
    const seen = present.build();
    const isSame = counts.total === knownKeyCount(this.#run.state, this.table);
    if (seen.count === 0 && this.#coverage === 'full' && isSame) return true;
    const known = (await this.known()).within(Number.NEGATIVE_INFINITY, this.bound());
    if (reached !== undefined || counts.total !== known.union(seen).count) await this.compareKeys(known, seen);
    return reached === undefined;
  }

  /** Gives up what is covered: a table that this one refers to is behind. */
  fallBack(): void {
    this.#coverage = 'none';
  }

  /** Carries the covered rows that requests ask for, as far as the budget lasts, and names as deleted what is asked for by its key and is not there. */
  async readRequested(): Promise<void> {
    const { budget, requests } = this.#run;
    const carried = this.#carried.build();
    const gone = new KeySetBuilder();
    let through = this.bound();
    for (const piece of piecesOf(
      this.table,
      this.#requested.rows.within(Number.NEGATIVE_INFINITY, through),
      budget.chunkRows,
    )) {
      if (budget.isSpent) {
        through = piece.first - 1;
        break;
      }
      const reached = await this.readPiece(piece, carried, gone);
      if (reached === undefined) continue;
      through = reached;
      break;
    }
    this.#deleted = this.#deleted.union(gone.build());
    requests.settle(this.table.name, through);
  }

  /** Reads on from where coverage stands; keys of what it reads that are known or asked for, and not there, are deleted. */
  async cover(): Promise<void> {
    const after = typeof this.#coverage === 'object' ? this.#coverage.through : undefined;
    const present = new KeySetBuilder();
    const tally = this.tally(() => false, present);
    const reached = await this.readChunks(after === undefined ? {} : { after }, false, tally);
    this.#coverage = reached === undefined ? 'full' : { through: reached };
    await this.requireDistinct(after);
    const expected = (await this.known()).union(this.#requested.named);
    const missing = expected.within(after ?? Number.NEGATIVE_INFINITY, this.bound()).minus(present.build());
    this.#deleted = this.#deleted.union(missing);
    if (reached !== undefined) await this.compareRest(reached);
    // Coverage goes on only where budget is left, and then every request has been read as far as it went.
    this.#run.requests.settle(this.table.name, this.bound());
  }

  /** What the run found. A large share of the known keys gone at once is refused, whoever asked for them: a request names keys, not deletions. */
  async finish(): Promise<TableChanges> {
    const [carried, deleted, coverage] = [this.#carried.build(), this.#deleted, this.#coverage];
    const [connection] = this.#run.snapshot.connections;
    const witness = await this.#witness.build(connection, this.table, { carried, deleted, coverage });
    const found = { coverage, carried, pairs: this.#pairs.build(), witness };
    if (carried.count === 0 && deleted.count === 0) return { ...found, deleted, known: undefined };
    const known = await this.known();
    const next = known.union(carried).minus(deleted);
    const lost = known.count - known.minus(deleted).count;
    checkDeletes(this.table.name, lost, known.count, this.#run.requests.acceptedDeletes);
    const isChanged = lost > 0 || next.count !== known.count;
    return { ...found, deleted, known: isChanged ? next : undefined };
  }

  // Reads one piece; gives the key where the budget ended it. What is carried already is not carried twice.
  private async readPiece(piece: RequestedPiece, carried: KeySet, gone: KeySetBuilder): Promise<number | undefined> {
    const present = new KeySetBuilder();
    const tally = this.tally((_shown, key) => carried.has(key), present);
    const reached = await this.readChunks(piece.selection, !piece.isRange, tally);
    const asked = this.#requested.named.within(piece.first - 1, reached ?? piece.last);
    const missing = asked.minus(present.build());
    for (const [first, last] of missing.ranges()) gone.addRange(first, last);
    this.#run.budget.take(missing.count);
    return reached;
  }

  private tally(passOver: RowVisitor, present = new KeySetBuilder()): () => RowTally {
    const into = { present, carried: this.#carried, pairs: this.#pairs, witness: this.#witness };
    return () => tallyRows(this.#run, passOver, into);
  }

  // Reads chunks in the keys' order until none is left (undefined) or the budget is spent (the last key reached).
  private async readChunks(
    selection: RowSelection,
    isWhole: boolean,
    begin: () => RowTally,
  ): Promise<number | undefined> {
    const { budget } = this.#run;
    let after = selection.after;
    for (;;) {
      const rest: RowSelection = after === undefined ? selection : { ...selection, after };
      const end = isWhole ? undefined : await this.findEnd(rest, budget.chunkRows);
      const chunk: RowSelection = end === undefined ? rest : { ...rest, through: end };
      budget.take(await writeSelected(this.#run, this.table, 'changed', { selection: chunk, begin }));
      if (end === undefined) return undefined;
      after = end;
      if (budget.isSpent) return after;
    }
  }

  private async findEnd(selection: RowSelection, rows: number): Promise<number | undefined> {
    const [connection] = this.#run.snapshot.connections;
    await setRowSelection(connection, selection, this.#run.window);
    const [row] = await connection.unsafe(findChunkEnd(this.table, selection), [String(rows)]);
    // Null sorts last: then only rows without a key are left after the chunk.
    return row?.key == null ? undefined : Number(row.key);
  }

  // Rows that are read for the first time were not among those that the run has counted.
  private async requireDistinct(after: number | undefined): Promise<void> {
    const { proven, snapshot } = this.#run;
    if (proven.has(this.table.name)) return;
    const selection: RowSelection = after === undefined ? this.covered : { ...this.covered, after };
    await countDistinctRows(snapshot.connections[0], this.table, selection, { window: undefined, proven });
  }

  // Known keys that are not there are deleted; keys that are there unknown are read, whoever hid them from the window.
  private async compareKeys(known: KeySet, seen: KeySet): Promise<void> {
    const [connection] = this.#run.snapshot.connections;
    const builder = new KeySetBuilder();
    await readKeys(connection, this.table, this.covered, this.#run.window, (_shown, key) => builder.add(key));
    const present = builder.build();
    this.#deleted = this.#deleted.union(known.minus(present));
    for (const keys of present.minus(known).minus(seen).chunks(STRAY_KEYS)) {
      const stray: RowSelection = { keysIn: { column: this.table.key, keys } };
      await writeSelected(this.#run, this.table, 'changed', { selection: stray, begin: this.tally(() => false) });
    }
  }

  // A table that is read again has known keys beyond what is covered. Where a count says that some are gone, all that are gone are named at
  // once: a large share must be seen as one, and a person's word on it holds for one batch.
  private async compareRest(reached: number): Promise<void> {
    const rest = (await this.known()).within(reached, Number.POSITIVE_INFINITY);
    if (rest.count === 0) return;
    const [connection] = this.#run.snapshot.connections;
    const selection: RowSelection = { after: reached };
    const { total } = await countDistinctRows(connection, this.table, selection, { ...this.#run, window: undefined });
    if (total >= rest.count) return;
    const present = new KeySetBuilder();
    await readKeys(connection, this.table, selection, this.#run.window, (_shown, key) => present.add(key));
    this.#deleted = this.#deleted.union(rest.minus(present.build()));
  }

  private async known(): Promise<KeySet> {
    this.#known ??= await readKnownKeys(this.#run.store, this.#run.state, this.table);
    return this.#known;
  }

  private get covered(): RowSelection {
    return typeof this.#coverage === 'object' ? { through: this.#coverage.through } : {};
  }

  // The highest key that is covered.
  private bound(): number {
    if (this.#coverage === 'none') return Number.NEGATIVE_INFINITY;
    return this.#coverage === 'full' ? Number.POSITIVE_INFINITY : this.#coverage.through;
  }
}
