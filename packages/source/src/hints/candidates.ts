import { KeySet, KeySetBuilder } from '@totesys/lake';
import type { Model, SourceTable } from '@totesys/schema';
import type { Message, MessageRelation } from 'pg-logical-replication/dist/output-plugins/pgoutput/pgoutput.types.js';
import { HintRefusal } from './hint-refusal.ts';
import { parseLsn } from './lsn.ts';
import type { PgoutputParser } from './pgoutput-parser.ts';

/** Changes beyond which a scan costs less than reading rows one by one. */
export const MOST_CANDIDATES = 200_000;

/** The keys that the decoded transactions may have changed. */
export interface Candidates {
  /** The old and new keys of each table's changed rows; tables without changes are left out. */
  readonly keys: ReadonlyMap<string, KeySet>;
  /** The tables that a transaction truncated. */
  readonly truncated: ReadonlySet<string>;
  /**
   * Where the commit record of the first transaction begins that the snapshot does not see: bytes; undefined if it sees
   * all of them.
   */
  readonly firstUnseen: bigint | undefined;
}

/**
 * Collects candidates from messages of pgoutput, protocol version 1: whole transactions in the order of their
 * commits. `sees` returns whether the snapshot sees a transaction, by the 32 bits of its top id.
 */
export class CandidatesBuilder {
  readonly #parser: PgoutputParser;
  readonly #tables: ReadonlyMap<string, SourceTable>;
  readonly #sees: (xid: number) => boolean;
  readonly #keys = new Map<string, KeySetBuilder>();
  readonly #truncated = new Set<string>();
  #changes = 0;
  #firstUnseen: bigint | undefined;
  /** Whether the snapshot sees the transaction whose messages follow; undefined between transactions. */
  #isSeen: boolean | undefined;

  private constructor(parser: PgoutputParser, model: Model, sees: (xid: number) => boolean) {
    this.#parser = parser;
    this.#tables = new Map(model.source.map((table) => [table.name, table]));
    this.#sees = sees;
  }

  /** Begins with no candidates. */
  static async begin(model: Model, sees: (xid: number) => boolean): Promise<CandidatesBuilder> {
    // The parser alone, since the package's entry point is a replication client; and only here, so that a Lambda whose
    // hints are off does not load it.
    const { PgoutputParser } = await import('./pgoutput-parser.ts');
    return new CandidatesBuilder(new PgoutputParser(), model, sees);
  }

  /** Adds one message. Throws a `HintRefusal` if it cannot be understood, or if there are too many changes. */
  push(bytes: Buffer): void {
    this.add(parseMessage(this.#parser, bytes));
  }

  /** Returns the candidates. Throws a `HintRefusal` if the last transaction is incomplete. */
  build(): Candidates {
    if (this.#isSeen !== undefined) throw undecodable('its last transaction has no end');
    const keys = new Map([...this.#keys].map(([table, builder]) => [table, builder.build()]));
    return { keys, truncated: this.#truncated, firstUnseen: this.#firstUnseen };
  }

  private add(message: Message): void {
    switch (message.tag) {
      case 'begin':
        if (this.#isSeen !== undefined) throw undecodable('a transaction begins inside another one');
        this.begin(message.xid >>> 0, message.commitLsn);
        return;
      case 'commit':
        if (this.#isSeen === undefined) throw undecodable('a transaction ends that did not begin');
        this.#isSeen = undefined;
        return;
      case 'insert':
        this.change(message.relation, [message.new]);
        return;
      case 'update':
        this.change(message.relation, [message.key ?? message.old, message.new]);
        return;
      case 'delete':
        this.change(message.relation, [message.key ?? message.old]);
        return;
      case 'truncate':
        for (const relation of message.relations) this.truncate(relation);
        return;
      // Relations and types are the parser's; origins and messages change no row.
    }
  }

  private begin(xid: number, commitLsn: string | null): void {
    if (commitLsn === null) throw undecodable('a transaction has no commit position');
    this.#isSeen = this.#sees(xid);
    if (!this.#isSeen) this.#firstUnseen ??= parseLsn(commitLsn);
  }

  private change(relation: MessageRelation, rows: readonly (Record<string, unknown> | null)[]): void {
    const table = this.changedTable(relation);
    if (!table) return;
    if (++this.#changes > MOST_CANDIDATES) {
      throw new HintRefusal('too-many-keys', `more than ${MOST_CANDIDATES.toLocaleString('en')} rows changed`);
    }
    const keys = this.#keys.get(table.name) ?? new KeySetBuilder();
    this.#keys.set(table.name, keys);
    for (const row of rows) {
      // An update that keeps the key has no old one.
      if (row !== null) keys.add(parseKey(table, row[table.key]));
    }
  }

  private truncate(relation: MessageRelation | undefined): void {
    if (relation === undefined) throw undecodable('a truncated table is not described');
    const table = this.changedTable(relation);
    if (table) this.#truncated.add(table.name);
  }

  // Returns undefined if the table is not in the model, or if the snapshot does not see the transaction.
  private changedTable({ schema, name }: MessageRelation): SourceTable | undefined {
    if (this.#isSeen === undefined) throw undecodable('a change is outside of a transaction');
    return this.#isSeen && schema === 'public' ? this.#tables.get(name) : undefined;
  }
}

/** No candidates: nothing was decoded. */
export const NO_CANDIDATES: Candidates = { keys: new Map(), truncated: new Set(), firstUnseen: undefined };

/** Returns the keys that may have changed in a table. */
export function candidatesOf({ keys }: Candidates, table: string): KeySet {
  return keys.get(table) ?? KeySet.empty;
}

function parseMessage(parser: PgoutputParser, bytes: Buffer): Message {
  try {
    return parser.parse(bytes);
  } catch (error) {
    throw undecodable(`a message cannot be parsed: ${(error as Error).message}`, error);
  }
}

// The parser returns an integer as a number, and a bigint as text.
function parseKey({ name, key }: SourceTable, value: unknown): number {
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw undecodable(`a changed row of '${name}' has no integer in '${key}'`);
  return number;
}

function undecodable(fault: string, cause?: unknown): HintRefusal {
  return new HintRefusal('undecodable', `the slot's output is not that of pgoutput: ${fault}`, { cause });
}
