import type { HintState } from '@totesys/lake';
import { inSavepoint, inTransaction, type Pool, READ_COMMITTED } from '@totesys/runtime';
import {
  type Candidates,
  checkPrimary,
  checkPublication,
  checkPublishedTable,
  checkSlot,
  checkVersion,
  fenceNumber,
  fingerprintOf,
  type HintCheck,
  HintRefusal,
  type PublishedTables,
  peekChanges,
  readPlace,
  readPublishedTables,
  readServerOfHints,
  readSlot,
  readTableBytes,
  seesTransaction,
  waitUntilFlushed,
} from '@totesys/source';
import type { IngestRun } from '../open/ingest-run.ts';
import { findDoubt, findMoreToRead } from './find-doubt.ts';
import { type HintObservation, nextHint } from './next-hint.ts';
import { releasesWal } from './release.ts';
import type { TakenHint } from './taken-hint.ts';

/** The slot may keep this much WAL, whatever the size of the tables: decoding it takes a tenth of a second. Bytes. */
const LEAST_DECODED_BYTES = 16n * 1024n * 1024n;
/** Decoding WAL takes about four times as long as scanning as many bytes of tables. */
const SCANNED_PER_DECODED_BYTE = 4n;

/** What a run has learned of the slot on its way, so that a refusal keeps it. */
interface Seen {
  peeked: HintObservation['peeked'];
  /** The first WAL that the server keeps for the slot, and where the slot has everything from: bytes. */
  restart: bigint | undefined;
  confirmed: bigint | undefined;
}

/** Refusals after which changes may be missing from the slot. If it cannot be read, it may be another slot. */
const DOUBTFUL = new Set(['not-set-up', 'peek-failed', 'undecodable']);

/**
 * Takes the hint of a run, after its snapshot, over one more connection of the pool. It never fails the run: whatever
 * goes wrong is a reason to scan.
 */
export async function takeHint(source: Pool, run: IngestRun): Promise<TakenHint> {
  const before = run.window && run.state?.manifest.hint;
  const unchanged = { next: before, confirmed: undefined, mustRelease: false };
  try {
    if (run.snapshot.source.inRecovery) throw refusal(checkPrimary({ in_recovery: true }), 'unsupported');
    const place = await readPlace(source, run.snapshot);
    demand(checkVersion(await inTransaction(source, READ_COMMITTED, readServerOfHints)), 'unsupported');
    const [connection] = run.snapshot.connections;
    // A catalog that the role may not read must not end the snapshot's transaction.
    const published = await inSavepoint(connection, () => readPublishedTables(connection, run.model));
    const flushed = BigInt(await waitUntilFlushed(run.snapshot));
    const upto = flushed < place.inserted ? flushed : place.inserted;
    const fingerprint = fingerprintOf(published);
    const seen: Seen = { peeked: undefined, restart: undefined, confirmed: undefined };
    const trusted = await readHint(source, run, { published, place, upto, fingerprint, seen }).catch(asRefusal);
    const isDoubtful = trusted instanceof HintRefusal && DOUBTFUL.has(trusted.reason);
    const xmin = fenceNumber(run.snapshot.fence.xmin);
    const next = nextHint(before, { place, xmin, upto, fingerprint, peeked: seen.peeked, isDoubtful });
    reportRetained(run, seen, place.inserted);
    const mustRelease = mustReleaseWal(run, seen, next, place.inserted);
    return { trusted, next, confirmed: seen.confirmed, mustRelease };
  } catch (error) {
    return { ...unchanged, trusted: asRefusal(error) };
  }
}

interface Reading {
  readonly published: PublishedTables;
  readonly place: { readonly inserted: bigint; readonly nextId: number };
  readonly upto: bigint;
  readonly fingerprint: string;
  readonly seen: Seen;
}

async function readHint(source: Pool, run: IngestRun, reading: Reading): Promise<Candidates | HintRefusal> {
  const { published, place, upto, fingerprint, seen } = reading;
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
  // Only now: another session may have replaced or advanced the slot before it was read.
  const confirmed = await lookAtSlot(source, seen);
  seen.peeked = { candidates, confirmed };
  return findMoreToRead(run) ?? findDoubt(run, { fingerprint, confirmed }) ?? candidates;
}

async function lookAtSlot(source: Pool, seen: Seen): Promise<bigint> {
  const slot = await inTransaction(source, READ_COMMITTED, readSlot);
  seen.restart = slot?.restart == null ? undefined : BigInt(slot.restart);
  seen.confirmed = undefined;
  demand(checkSlot(slot), 'not-set-up');
  if (slot?.confirmed == null) throw new HintRefusal('not-set-up', 'the slot has no position yet');
  seen.confirmed = BigInt(slot.confirmed);
  return seen.confirmed;
}

function reportRetained({ telemetry }: IngestRun, { restart }: Seen, inserted: bigint): void {
  if (restart !== undefined) telemetry.metric('RetainedWalBytes', Number(inserted - restart));
}

function mustReleaseWal(
  { state, snapshot }: IngestRun,
  { confirmed }: Seen,
  { position }: Omit<HintState, 'scannedTo'>,
  inserted: bigint,
): boolean {
  if (!state || confirmed === undefined || position === null) return false;
  const batchAgeMs = Date.parse(`${snapshot.clock}Z`) - Date.parse(`${state.manifest.sourceClock}Z`);
  return releasesWal({ from: confirmed, to: inserted, next: BigInt(position), batchAgeMs });
}

function demand(check: HintCheck, reason: HintRefusal['reason']): void {
  if (check.fault !== undefined) throw refusal(check, reason);
}

function refusal({ subject, fault, remedy }: HintCheck, reason: HintRefusal['reason']): HintRefusal {
  return new HintRefusal(reason, `${subject}: ${fault}`, remedy === undefined ? {} : { remedy });
}

function asRefusal(error: unknown): HintRefusal {
  if (error instanceof HintRefusal) return error;
  return new HintRefusal('peek-failed', (error as Error).message, { cause: error });
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
