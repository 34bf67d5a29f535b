import { createHash } from 'node:crypto';
import { type Connection, execute, inTransaction, type Pool, query, READ_COMMITTED } from '@totesys/runtime';
import { FIRST_EPOCH, fenceNumber, widenTransactionId } from '../snapshot/fence.ts';
import type { SourceSnapshot } from '../snapshot/source-snapshot.ts';
import {
  advanceHint,
  type HintPlaceRow,
  readHintPlace,
  readSlotWal,
  type SlotWalRow,
  setStatementTimeout,
  type TableBytesRow,
  tableBytes,
} from '../sql/read-hint.ts';
import type { PublishedTables } from './hint-facts.ts';
import { formatLsn } from './lsn.ts';

/** The longest time to advance a slot, which reads the WAL once more: milliseconds. */
const ADVANCE_TIMEOUT_MS = 60_000;

/** A moment after a snapshot: every transaction with the id `nextId` or a later one commits after `inserted`. */
export interface HintPlace {
  /** How much WAL has been written: bytes. */
  readonly inserted: bigint;
  readonly nextId: number;
}

/**
 * Reads the place where the source is now, which is after the snapshot. The transaction is a new one, because age()
 * counts from what its first use in a transaction sees.
 */
export function readPlace(source: Pool, { fence }: Pick<SourceSnapshot, 'fence'>): Promise<HintPlace> {
  return inTransaction(source, READ_COMMITTED, async (connection) => {
    const [row] = await query<HintPlaceRow>(connection, { text: readHintPlace });
    const xmax = fenceNumber(fence.xmax);
    const ahead = (Number(row!.next_id) - (xmax % FIRST_EPOCH) + FIRST_EPOCH) % FIRST_EPOCH;
    return { inserted: BigInt(row!.inserted), nextId: xmax + ahead };
  });
}

/** Returns a function that says whether a snapshot sees a transaction, by the 32 bits of its top id, below `nextId`. */
export function seesTransaction(
  { fence, inProgress }: Pick<SourceSnapshot, 'fence' | 'inProgress'>,
  nextId: number,
): (xid: number) => boolean {
  const xmax = fenceNumber(fence.xmax);
  return (xid) => {
    const id = widenTransactionId(xid, nextId);
    return id < xmax && !inProgress.has(id);
  };
}

/** Returns what identifies a publication and its tables: it changes with each of their rows in the catalogs. */
export function fingerprintOf(published: PublishedTables): string {
  return createHash('sha256').update(JSON.stringify(published)).digest('hex');
}

/** Returns how large the tables and their partitions are, without indexes: bytes. */
export async function readTableBytes(connection: Connection, { tables }: PublishedTables): Promise<bigint> {
  const parameters = [tables.map(({ oid }) => oid)];
  const [row] = await query<TableBytesRow>(connection, { text: tableBytes, parameters });
  return BigInt(row!.bytes);
}

/** How much WAL a slot keeps, and how much of it no run has read yet: bytes. */
export interface SlotWal {
  readonly retained: number;
  readonly unread: number;
}

/** Reads how much WAL the slot keeps, by one statement; undefined if it is missing or has lost its WAL. */
export async function findSlotWal(source: Pool): Promise<SlotWal | undefined> {
  const read = { text: readSlotWal };
  const [row] = await inTransaction(source, READ_COMMITTED, (connection) => query<SlotWalRow>(connection, read));
  if (row?.retained == null || row.unread === null) return undefined;
  return { retained: Number(row.retained), unread: Number(row.unread) };
}

/** Advances the slot, which may then forget what was committed before the position. */
export async function advanceSlot(source: Pool, position: bigint): Promise<void> {
  await inTransaction(source, READ_COMMITTED, async (connection) => {
    await execute(connection, { text: setStatementTimeout, parameters: [String(ADVANCE_TIMEOUT_MS)] });
    await execute(connection, { text: advanceHint, parameters: [formatLsn(position)] });
  });
}
