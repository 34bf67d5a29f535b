import { findRequestNumber, KeySetBuilder, type RequestState, requestKey } from '@totesys/lake';
import type { OpenRead } from './open-read.ts';
import type { RequestedKeys } from './requested-keys.ts';

/** What a batch says of requests: which it answers, wholly or in part, and which are behind it. */
export interface Answers {
  readonly ids: readonly string[];
  readonly state: RequestState | undefined;
}

/** What has been asked of the next batch and is not answered yet. */
export class Requests {
  /** Tables whose unusual deletions a person accepts. */
  readonly acceptedDeletes = new Set<string>();
  /** What cannot be answered, in words. */
  readonly warnings: string[] = [];
  readonly #accepted: string[] = [];
  readonly #reads: OpenRead[] = [];
  readonly #open: RequestState['open'] = [];
  readonly #before: RequestState;
  #through: number;

  constructor(before: RequestState) {
    this.#before = before;
    this.#through = before.through;
  }

  /** Takes a request that accepts the deletions of a table. */
  accept(id: string, table: string): void {
    this.#see(id);
    this.#accepted.push(id);
    this.acceptedDeletes.add(table);
  }

  /** Takes a request to read rows. */
  read(read: OpenRead): void {
    this.#see(read.id);
    this.#reads.push(read);
  }

  /** Leaves a request that cannot be answered as it is. */
  leave(open: RequestState['open'][number], fault: string): void {
    this.postpone(open);
    this.warnings.push(
      `Request '${open.id}' ${fault}. It is left and changes nothing; file what is meant anew, and remove '${requestKey(open.id)}'.`,
    );
  }

  /** Leaves a request to a later run. */
  postpone(open: RequestState['open'][number]): void {
    this.#see(open.id);
    this.#open.push(open);
  }

  /** What is asked for of a table and has not been read. */
  keysOf(table: string): RequestedKeys {
    const [rows, named] = [new KeySetBuilder(), new KeySetBuilder()];
    for (const read of this.#reads) {
      const rest = read.restOf(table);
      for (const [first, last] of rest.rows.ranges()) rows.addRange(first, last);
      for (const [first, last] of rest.named.ranges()) named.addRange(first, last);
    }
    return { rows: rows.build(), named: named.build() };
  }

  /** Says that all keys of a table up to and including `through` have been read. */
  settle(table: string, through: number): void {
    for (const read of this.#reads) read.settle(table, through);
  }

  /** Whether nothing is left to read. */
  get isRead(): boolean {
    return this.#reads.every(({ isRead }) => isRead);
  }

  /** What the batch is to say; where no request was ever filed, nothing. */
  answers(): Answers {
    const rest = this.#reads.filter(({ isRead }) => !isRead);
    const open = [...this.#open, ...rest.map(({ id, done }) => ({ id, done }))];
    const done = [...this.#accepted, ...this.#reads.filter(({ isRead }) => isRead).map(({ id }) => id)];
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
