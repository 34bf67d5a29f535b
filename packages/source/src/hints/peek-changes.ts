import { CopyDecoder, columnDecoder } from '@totesys/columns';
import {
  type Connection,
  copyOut,
  describeDatabaseError,
  execute,
  inTransaction,
  type Pool,
  READ_COMMITTED,
} from '@totesys/runtime';
import type { Model } from '@totesys/schema';
import { peekHint, setPeek } from '../sql/read-hint.ts';
import { type Candidates, CandidatesBuilder } from './candidates.ts';
import { HintRefusal } from './hint-refusal.ts';
import { formatLsn } from './lsn.ts';

/** The longest time that reading the slot may take; one large transaction may take it all: milliseconds. */
const PEEK_TIMEOUT_MS = 15_000;

/** What is peeked at: the slot's changes up to a position, and which transactions count. */
export interface PeekOptions {
  readonly model: Model;
  /** The position up to which the slot is read: in bytes. */
  readonly upto: bigint;
  readonly sees: (xid: number) => boolean;
}

/**
 * Reads the slot on a connection of its own, and leaves the slot as it is. Throws a `HintRefusal` if the slot cannot be
 * read in time, or its changes are not understood or too many.
 */
export async function peekChanges(source: Pool, options: PeekOptions): Promise<Candidates> {
  try {
    return await inTransaction(source, READ_COMMITTED, (connection) => peek(connection, options));
  } catch (error) {
    if (error instanceof HintRefusal) throw error;
    const { message } = describeDatabaseError(error, 'The slot', 'source');
    throw new HintRefusal('peek-failed', message, { cause: error, remedy: 'Run: totesys hints check' });
  }
}

async function peek(connection: Connection, { model, upto, sees }: PeekOptions): Promise<Candidates> {
  const candidates = await CandidatesBuilder.begin(model, sees);
  const message = columnDecoder('message', { kind: 'text' });
  const decode = (buffer: Uint8Array, at: number, length: number) => {
    candidates.push(Buffer.from(buffer.buffer, buffer.byteOffset + at, length));
    return undefined;
  };
  const decoder = new CopyDecoder([{ ...message, decode }], {
    table: 'hint',
    bigKeys: false,
    rejectRows: false,
    visit: () => true,
  });
  await execute(connection, { text: setPeek, parameters: [formatLsn(upto), String(PEEK_TIMEOUT_MS)] });
  for await (const chunk of copyOut(connection, peekHint)) decoder.push(chunk);
  decoder.end();
  return candidates.build();
}
