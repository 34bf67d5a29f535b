import { type ProcessedManifest, type RowTexts, readPartTexts, type Store } from '@totesys/lake';
import { hasRelation, inTransaction, ONE_SNAPSHOT, type Pool, query } from '@totesys/runtime';
import { type LatestTable, latestTablesOf, type Model } from '@totesys/schema';
import {
  type BeginRow,
  compareStates,
  type RecordedRow,
  type StatesRow,
  selectBegin,
  selectRecorded,
} from '../sql/states.ts';
import { isLakeFault } from './is-lake-fault.ts';
import type { Report } from './lake-fault.ts';

/** Rows that one statement compares: enough to make its own cost negligible, few enough to bound memory. */
const CHUNK_ROWS = 2_000;

/** The most rows with a corrected state that are followed at once: memory does not grow with the lake. */
const MOST_CORRECTED = 10_000;

/** What the parts of a batch show of a dimension: rows that replaced a state, and rows that are the first of a key. */
interface Seen {
  replaced: number;
  first: number;
}

/**
 * Checks that the history of the dimensions in the warehouse equals the sequence of states in the processed lake. After
 * each batch, each row that the batch brought has its values as its state, and the history records no other change.
 */
export class StateChecker {
  readonly #warehouse: Pool;
  readonly #tables: readonly LatestTable[];
  readonly #begin: number;
  /** By table and key: another state that a repair has corrected in the batch `until`, and the batch that showed it. */
  readonly #corrected = new Map<string, { readonly batch: number; readonly until: number }>();

  private constructor(warehouse: Pool, tables: readonly LatestTable[], begin: number) {
    this.#warehouse = warehouse;
    this.#tables = tables;
    this.#begin = begin;
  }

  /** Opens the check; undefined if an older version of load has written the warehouse, which then has no history. */
  static open(warehouse: Pool, model: Model): Promise<StateChecker | undefined> {
    return inTransaction(warehouse, ONE_SNAPSHOT, async (transaction) => {
      if (!(await hasRelation(transaction, 'etl.first_batch'))) return undefined;
      const [begin] = await query<BeginRow>(transaction, selectBegin);
      return new StateChecker(warehouse, latestTablesOf(model), begin!.batch);
    });
  }

  /** Checks a loaded batch. What was replaced before the history began is unknown, which is no fault. */
  async check(store: Store, { batch, parts }: ProcessedManifest, report: Report): Promise<void> {
    if (batch < this.#begin || this.#tables.length === 0) return;
    const recorded = await this.read<RecordedRow>(selectRecorded(this.#tables, batch));
    for (const table of this.#tables) {
      const seen: Seen = { replaced: 0, first: 0 };
      for (const part of parts.filter((each) => each.table === table.name && each.role === 'rows')) {
        try {
          for await (const rows of readPartTexts(store, part, table.columns, CHUNK_ROWS)) {
            await this.compare(table, { batch, rows }, seen, report);
          }
        } catch (error) {
          // The check of the parts reports it.
          if (isLakeFault(error)) return;
          throw error;
        }
      }
      const found = recorded.find((each) => each.table === table.name)!;
      if (found.replaced > seen.replaced) {
        report('history', `${table.name} has ${found.replaced} states until this batch: expected ${seen.replaced}`);
      }
      if (found.first > seen.first) {
        report('history', `${table.name} has ${found.first} rows from this batch on: expected ${seen.first}`);
      }
    }
  }

  private async compare(
    table: LatestTable,
    { batch, rows }: { readonly batch: number; readonly rows: readonly RowTexts[] },
    seen: Seen,
    report: Report,
  ): Promise<void> {
    const [found] = await this.read<StatesRow>(compareStates(table, JSON.stringify(rows), batch));
    const { differing, keys, corrected, replaced, first } = found!;
    seen.replaced += replaced;
    seen.first += first;
    for (const key of keys ?? []) report('history', `${table.name} ${key} has another state as of this batch`);
    const more = differing - (keys?.length ?? 0);
    if (more > 0) report('history', `${table.name}: ${more} more rows have another state as of this batch`);
    this.follow(table, { batch, rows, corrected: corrected ?? [] }, report);
  }

  // A state that a repair has corrected is no fault, unless a batch before the repair brought it: then the state
  // between is missing.
  private follow(
    table: LatestTable,
    {
      batch,
      rows,
      corrected,
    }: {
      readonly batch: number;
      readonly rows: readonly RowTexts[];
      readonly corrected: NonNullable<StatesRow['corrected']>;
    },
    report: Report,
  ): void {
    const again = new Map(corrected);
    for (const row of this.#corrected.size > 0 ? rows : []) {
      const key = row[table.key]!;
      const known = this.#corrected.get(`${table.name} ${key}`);
      // A proof takes older batches after newer ones.
      if (known === undefined || batch <= known.batch || again.has(key)) continue;
      this.#corrected.delete(`${table.name} ${key}`);
      if (batch < known.until) report('history', `${table.name} ${key} has another state as of batch ${known.batch}`);
    }
    for (const [key, until] of again) {
      if (this.#corrected.size < MOST_CORRECTED) this.#corrected.set(`${table.name} ${key}`, { batch, until });
      else report('history', `${table.name} ${key} has another state as of this batch`);
    }
  }

  private read<Row extends object>(statement: Parameters<typeof query>[1]): Promise<readonly Row[]> {
    return inTransaction(this.#warehouse, ONE_SNAPSHOT, (transaction) => query<Row>(transaction, statement));
  }
}
