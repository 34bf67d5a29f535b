import type { Sql } from '@totesys/runtime';
import { lateCommit, type OpenChange } from '@totesys/sandbox';

/**
 * A transaction that stays open beside the stages: what others commit stays in the fence's window, and each row must
 * still enter the lake once.
 */
export class OpenWriter {
  readonly #author: Sql;
  #change: OpenChange | undefined;

  constructor(author: Sql) {
    this.#author = author;
  }

  /** Opens the transaction. */
  async open(): Promise<void> {
    this.#change = await lateCommit(this.#author);
  }

  /** Commits the transaction, if there is one, after another one is open: what was in the window leaves it. */
  async renew(): Promise<void> {
    if (!this.#change) return;
    const before = this.#change;
    await this.open();
    await commit(before);
  }

  /** Commits the transaction, if there is one. */
  async close(): Promise<void> {
    if (this.#change) await commit(this.#change);
    this.#change = undefined;
  }
}

// A crash of the server has ended the transaction.
async function commit(change: OpenChange): Promise<void> {
  await change.commit().catch(() => {});
}
