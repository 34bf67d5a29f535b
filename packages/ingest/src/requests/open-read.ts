import { KeySet, type ReadRequest, type RequestState } from '@totesys/lake';
import { findSourceTable, type Model } from '@totesys/schema';
import { type RequestedKeys, requestedKeys } from './requested-keys.ts';

/** Keys that one request may name one by one: each of them without a row is written as a deletion. */
const MOST_KEYS = 100_000_000;

/** Through which key each table of a request has been read. */
export type ReadThrough = RequestState['open'][number]['done'];

/**
 * A request to read rows, and how far it has been read. Batches carry its rows in key order; each continues where the
 * one before ended.
 */
export class OpenRead {
  readonly id: string;
  readonly reason: ReadRequest['reason'];
  readonly #tables = new Map<string, RequestedKeys>();
  readonly #before: ReadThrough;
  readonly #through: Map<string, number>;

  constructor(id: string, model: Model, asked: ReadRequest, before: ReadThrough) {
    this.id = id;
    this.reason = asked.reason;
    this.#before = before;
    this.#through = new Map(Object.entries(before));
    for (const name of new Set(asked.tables.map(({ table }) => table))) {
      const ranges = asked.tables.filter(({ table }) => table === name).flatMap(({ keys }) => keys);
      this.#tables.set(name, requestedKeys(findSourceTable(model, name), ranges));
    }
  }

  /** Returns the tables of which rows are still to be read. */
  get tables(): string[] {
    return [...this.#tables.keys()].filter((table) => this.restOf(table).rows.count > 0);
  }

  /** Whether the request names more single keys than one request may. */
  get isTooLarge(): boolean {
    return [...this.#tables.values()].reduce((sum, { named }) => sum + named.count, 0) > MOST_KEYS;
  }

  /** Returns the keys of a table that are still to be read. */
  restOf(table: string): RequestedKeys {
    const keys = this.#tables.get(table);
    if (!keys) return { rows: KeySet.empty, named: KeySet.empty };
    const after = this.#through.get(table) ?? Number.NEGATIVE_INFINITY;
    return {
      rows: keys.rows.within(after, Number.POSITIVE_INFINITY),
      named: keys.named.within(after, Number.POSITIVE_INFINITY),
    };
  }

  /** Records that all keys of a table up to and including `through` have been read. */
  settle(table: string, through: number): void {
    const { rows } = this.restOf(table);
    const reached = rows.within(Number.NEGATIVE_INFINITY, through);
    if (reached.count > 0) this.#through.set(table, reached.last);
  }

  /** Whether all of it has been read. */
  get isRead(): boolean {
    return [...this.#tables.keys()].every((table) => this.restOf(table).rows.count === 0);
  }

  /** Whether this run read some of it, or nothing is left to read. */
  get hasMoved(): boolean {
    return this.isRead || [...this.#through].some(([table, through]) => this.#before[table] !== through);
  }

  /** How far it has been read. */
  get done(): ReadThrough {
    return Object.fromEntries(this.#through);
  }
}
