import type { PostgresMessage } from './postgres-messages.ts';

/** Bytes before a message of pgoutput in a row of the peek: the count of columns, an xid, a key and a length. */
const ROW_HEAD_BYTES = 2 + 8 + 8 + 4;
/** Bytes before a row: the type and the length of the protocol's message. */
const MESSAGE_HEAD_BYTES = 5;
/** The signature of a binary COPY, which comes in one message with the first row. */
const SIGNATURE = 'PGCOPY\n\xff\r\n\0';
const COPY_HEAD_BYTES = SIGNATURE.length + 8;
/** The messages of pgoutput that name rows: insert, update, delete. */
const CHANGES = ['I', 'U', 'D'];
/** Bytes of a message's kind and its relation's id. */
const RELATION_HEAD_BYTES = 1 + 4;

/** Hides the changes of one table, as no server should: nothing that a run checks shows it. */
export class HiddenChanges {
  readonly #relation: Buffer;
  #id: number | undefined;

  constructor(table: string) {
    this.#relation = Buffer.from(`public\0${table}\0`);
  }

  /** Returns whether a message of a peek's output is hidden. */
  hides({ type, bytes }: PostgresMessage): boolean {
    if (type !== 'd') return false;
    const start = MESSAGE_HEAD_BYTES + (startsCopy(bytes) ? COPY_HEAD_BYTES : 0) + ROW_HEAD_BYTES;
    // The last message has no row.
    if (bytes.length < start + RELATION_HEAD_BYTES) return false;
    const output = String.fromCharCode(bytes[start]!);
    const id = bytes.readUInt32BE(start + 1);
    const name = bytes.subarray(start + RELATION_HEAD_BYTES, start + RELATION_HEAD_BYTES + this.#relation.length);
    if (output === 'R' && name.equals(this.#relation)) this.#id = id;
    return CHANGES.includes(output) && id === this.#id;
  }
}

function startsCopy(bytes: Buffer): boolean {
  return bytes.toString('latin1', MESSAGE_HEAD_BYTES, MESSAGE_HEAD_BYTES + SIGNATURE.length) === SIGNATURE;
}
