import type { PostgresMessage } from './postgres-messages.ts';

/** Bytes before a message of pgoutput in a row of the peek: the count of columns, an xid, a key and a length. */
const ROW_HEAD_BYTES = 2 + 8 + 8 + 4;
/** Bytes before a row: the type and the length of the protocol's message. */
const MESSAGE_HEAD_BYTES = 5;
/** The signature of a binary COPY, which comes in one message with the first row. */
const SIGNATURE = 'PGCOPY\n\xff\r\n\0';
const COPY_HEAD_BYTES = SIGNATURE.length + 8;
/** The messages of pgoutput that name rows: insert, update, delete, truncate. */
const CHANGES = ['I', 'U', 'D', 'T'];

/** Hides the changes of every second transaction, as no server should: nothing that a run checks shows it. */
export class HiddenChanges {
  #begun = 0;

  /** Returns whether a message of a peek's output is hidden. */
  hides({ type, bytes }: PostgresMessage): boolean {
    if (type !== 'd') return false;
    const start = MESSAGE_HEAD_BYTES + (startsCopy(bytes) ? COPY_HEAD_BYTES : 0);
    // The last message has no row.
    const output = String.fromCharCode(bytes[start + ROW_HEAD_BYTES] ?? 0);
    if (output === 'B') this.#begun++;
    return CHANGES.includes(output) && this.#begun % 2 === 1;
  }
}

function startsCopy(bytes: Buffer): boolean {
  return bytes.toString('latin1', MESSAGE_HEAD_BYTES, MESSAGE_HEAD_BYTES + SIGNATURE.length) === SIGNATURE;
}
