import { inTransaction, type Pool, READ_COMMITTED } from '@totesys/runtime';
import {
  type Candidates,
  checkPublication,
  checkPublishedTable,
  checkSlot,
  type HintPlace,
  HintRefusal,
  type PublishedTables,
  peekChanges,
  readSlot,
  readTableBytes,
  seesTransaction,
} from '@totesys/source';
import type { IngestRun } from '../open/ingest-run.ts';
import { demand } from './demand.ts';
import { findDoubt, findMoreToRead } from './find-doubt.ts';
import type { HintObservation } from './next-hint.ts';

/** The slot may keep this much WAL, whatever the size of the tables: decoding it takes a tenth of a second. Bytes. */
const LEAST_DECODED_BYTES = 16n * 1024n * 1024n;
/** Decoding WAL takes about four times as long as scanning as many bytes of tables. */
const SCANNED_PER_DECODED_BYTE = 4n;

/** What a run knows of the source before it reads the slot. */
export interface HintReading {
  readonly place: HintPlace;
  readonly published: PublishedTables;
  readonly fingerprint: string;
  /** The position up to which the slot is read: flushed WAL, in bytes. */
  readonly upto: bigint;
  /** Whether the WAL of everything that the snapshot shows is flushed. */
  readonly isFlushed: boolean;
}

/** What a run has read of the slot, so that it is known even if the hint is refused. */
export interface SlotSeen {
  peeked: HintObservation['peeked'];
  /** The first WAL that the server keeps for the slot, and where the slot has everything from: bytes. */
  restart: bigint | undefined;
  confirmed: bigint | undefined;
}

/** Reads the changes since the last batch from the slot. Returns or throws the reason why some may be missing. */
export async function readHint(
  source: Pool,
  run: IngestRun,
  reading: HintReading,
  seen: SlotSeen,
): Promise<Candidates | HintRefusal> {
  const { published, place, upto } = reading;
  await lookAtSlot(source, seen);
  demand(checkPublication(published.publication), 'not-set-up');
  for (const { name } of run.model.source) demand(checkPublishedTable(name, published), 'not-set-up');
  const bytes = await readTableBytes(run.snapshot.connections[0], published);
  const most = max(LEAST_DECODED_BYTES, bytes / SCANNED_PER_DECODED_BYTE);
  if (place.inserted - (seen.restart ?? 0n) > most) {
    throw new HintRefusal('too-much-wal', `the slot keeps more than ${most} bytes of WAL, which take longer to decode`);
  }
  const startedMs = performance.now();
  const sees = seesTransaction(run.snapshot, place.nextId);
  const candidates = await peekChanges(source, { model: run.model, upto, sees });
  run.telemetry.metric('PeekMilliseconds', performance.now() - startedMs);
  // After the changes, because another session may have replaced or advanced the slot before they were read.
  const confirmed = await lookAtSlot(source, seen);
  seen.peeked = { candidates, confirmed };
  return findMoreToRead(run, candidates) ?? findDoubt(run, { ...reading, confirmed }) ?? candidates;
}

async function lookAtSlot(source: Pool, seen: SlotSeen): Promise<bigint> {
  const slot = await inTransaction(source, READ_COMMITTED, readSlot);
  seen.restart = slot?.restart == null ? undefined : BigInt(slot.restart);
  seen.confirmed = undefined;
  demand(checkSlot(slot), 'not-set-up');
  if (slot?.confirmed == null) throw new HintRefusal('not-set-up', 'the slot has no position yet');
  seen.confirmed = BigInt(slot.confirmed);
  return seen.confirmed;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
