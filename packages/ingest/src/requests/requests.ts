import { findRequestNumber, KeySetBuilder, type ReadRequest, type RequestState, requestKey } from '@totesys/lake';
import type { OpenRead } from './open-read.ts';
import type { RequestedKeys } from './requested-keys.ts';

/** The requests that a batch answers, wholly or in part, and the state of all requests after it. */
export interface Answers {
  readonly ids: readonly string[];
  readonly state: RequestState | undefined;
}

/** A request that waits for an answer; `postponed` if the next run leaves it to a later one or cannot answer it. */
export interface WaitingRequest {
  readonly id: string;
  readonly kind: ReadRequest['reason'] | 'accept-deletes' | 'postponed';
  readonly tables: readonly string[];
}

/** The requests that are not answered yet. */
export class Requests {
  /** Tables whose unusual deletions the operator accepts. */
  readonly acceptedDeletes = new Set<string>();
  /** A sentence for each request that cannot be answered. */
  readonly warnings: string[] = [];
  readonly #accepted: { readonly id: string; readonly table: string }[] = [];
  readonly #reads: OpenRead[] = [];
  readonly #open: RequestState['open'] = [];
  readonly #before: RequestState;
  #through: number;

  constructor(before: RequestState) {
    this.#before = before;
    this.#through = before.through;
  }

  /** Adds a request that accepts the deletions of a table. */
  accept(id: string, table: string): void {
    this.#see(id);
    this.#accepted.push({ id, table });
    this.acceptedDeletes.add(table);
  }

  /** Adds a request to read rows. */
  read(read: OpenRead): void {
    this.#see(read.id);
    this.#reads.push(read);
  }

  /** Keeps a request open that cannot be answered, and adds a warning. */
  leave(open: RequestState['open'][number], fault: string): void {
    this.postpone(open);
    const remedy = `File a correct request, and delete '${requestKey(open.id)}'.`;
    this.warnings.push(`Request '${open.id}' ${fault}. It changes nothing. ${remedy}`);
  }

  /** Keeps a request open for a later run. */
  postpone(open: RequestState['open'][number]): void {
    this.#see(open.id);
    this.#open.push(open);
  }

  /** Returns the keys of a table that requests ask for and that have not been read. */
  keysOf(table: string): RequestedKeys {
    const [rows, named] = [new KeySetBuilder(), new KeySetBuilder()];
    for (const read of this.#reads) {
      const rest = read.restOf(table);
      for (const [first, last] of rest.rows.ranges()) rows.addRange(first, last);
      for (const [first, last] of rest.named.ranges()) named.addRange(first, last);
    }
    return { rows: rows.build(), named: named.build() };
  }

  /** Records that all keys of a table up to and including `through` have been read. */
  settle(table: string, through: number): void {
    for (const read of this.#reads) read.settle(table, through);
  }

  /** Whether no request waits for an answer. */
  get isQuiet(): boolean {
    return this.#reads.length === 0 && this.#open.length === 0 && this.acceptedDeletes.size === 0;
  }

  /** The requests that wait for an answer. */
  get waiting(): WaitingRequest[] {
    return [
      ...this.#accepted.map(({ id, table }) => ({ id, kind: 'accept-deletes' as const, tables: [table] })),
      ...this.#reads.map(({ id, reason, tables }) => ({ id, kind: reason, tables })),
      ...this.#open.map(({ id }) => ({ id, kind: 'postponed' as const, tables: [] })),
    ];
  }

  /** Whether all requests to read have been read. */
  get isRead(): boolean {
    return this.#reads.every(({ isRead }) => isRead);
  }

  /** Returns what the manifest records; its state is undefined if no request was ever filed. */
  answers(): Answers {
    const rest = this.#reads.filter(({ isRead }) => !isRead);
    const open = [...this.#open, ...rest.map(({ id, done }) => ({ id, done }))];
    const read = this.#reads.filter(({ isRead }) => isRead);
    const done = [...this.#accepted, ...read].map(({ id }) => id);
    const ids = [...done, ...rest.filter(({ hasMoved }) => hasMoved).map(({ id }) => id)];
    const named = [...this.#before.named, ...done.filter((id) => numberOf(id) === undefined)];
    const isQuiet = this.#through === 0 && named.length === 0 && open.length === 0;
    return { ids, state: isQuiet ? undefined : { through: this.#through, named, open } };
  }

  #see(id: string): void {
    this.#through = Math.max(this.#through, numberOf(id) ?? 0);
  }
}

function numberOf(id: string): number | undefined {
  return findRequestNumber(requestKey(id));
}
