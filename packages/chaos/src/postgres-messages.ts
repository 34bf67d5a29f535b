/** One message of the Postgres protocol; a startup message has no type. */
export interface PostgresMessage {
  readonly type: string;
  readonly bytes: Buffer;
}

const LENGTH_BYTES = 4;

/** Splits one direction of a connection into messages; an incomplete one waits for more bytes. */
export class MessageReader {
  #rest: Buffer = Buffer.alloc(0);
  #isStarting: boolean;

  /** A client's first message has no type byte. */
  constructor(side: 'client' | 'server') {
    this.#isStarting = side === 'client';
  }

  /** Returns the messages that these bytes complete. */
  *read(chunk: Buffer): Generator<PostgresMessage> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const typeBytes = this.#isStarting ? 0 : 1;
      if (this.#rest.length < typeBytes + LENGTH_BYTES) return;
      const end = typeBytes + this.#rest.readUInt32BE(typeBytes);
      if (this.#rest.length < end) return;
      const bytes = this.#rest.subarray(0, end);
      this.#rest = this.#rest.subarray(end);
      this.#isStarting = false;
      yield { type: typeBytes === 0 ? '' : String.fromCharCode(bytes[0]!), bytes };
    }
  }
}

/** The SQL in a Query or Parse message. */
export function statementIn({ type, bytes }: PostgresMessage): string {
  const from = type === 'P' ? bytes.indexOf(0, 5) + 1 : 5;
  return bytes.toString('utf8', from, bytes.indexOf(0, from));
}

/** A Query message. */
export function queryMessage(statement: string): Buffer {
  return message('Q', statement);
}

/** A statement that fails with the SQLSTATE, and with it the transaction around it. */
export function failingMessage(sqlstate: string): Buffer {
  return queryMessage(`do $$ begin raise exception 'by the crash kit' using errcode = '${sqlstate}'; end $$`);
}

/** A CopyFail message. */
export function copyFailMessage(): Buffer {
  return message('f', 'by the crash kit');
}

function message(type: string, text: string): Buffer {
  const body = Buffer.from(`${text}\0`);
  const head = Buffer.alloc(1 + LENGTH_BYTES);
  head.write(type, 0);
  head.writeUInt32BE(LENGTH_BYTES + body.length, 1);
  return Buffer.concat([head, body]);
}
