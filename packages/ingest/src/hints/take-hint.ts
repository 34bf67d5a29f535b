import { inSavepoint, inTransaction, type Pool, READ_COMMITTED } from '@totesys/runtime';
import {
  checkPrimary,
  checkVersion,
  fenceNumber,
  fingerprintOf,
  flushSnapshot,
  HintRefusal,
  readPlace,
  readPublishedTables,
  readServerOfHints,
} from '@totesys/source';
import type { IngestRun } from '../open/ingest-run.ts';
import { demand, refusal } from './demand.ts';
import { findAudit } from './find-audit.ts';
import type { HintOptions } from './hint-mode.ts';
import { type HintObservation, nextHint } from './next-hint.ts';
import { type HintReading, readHint, type SlotSeen } from './read-hint.ts';
import { mustReleaseWal, reportRetained } from './release.ts';
import type { TakenHint } from './taken-hint.ts';

/** Refusals after which changes may be missing from the slot. If it cannot be read, it may be another slot. */
const DOUBTFUL = new Set(['not-set-up', 'peek-failed', 'undecodable']);

/**
 * Takes the hint of a run, after its snapshot, over one more connection of the pool. It never fails the run: each error
 * is a reason to scan.
 */
export async function takeHint(source: Pool, run: IngestRun, { mode, auditMs }: HintOptions): Promise<TakenHint> {
  const { trusted, ...taken } = await tryHint(source, run);
  const audit = mode === 'slot' && !(trusted instanceof HintRefusal) ? findAudit(run, auditMs) : undefined;
  const followed = mode === 'slot' && !audit && !(trusted instanceof HintRefusal) ? trusted : undefined;
  return { ...taken, trusted, audit, followed, mustCommit: taken.mustRelease || audit !== undefined };
}

type TriedHint = Pick<TakenHint, 'trusted' | 'next' | 'confirmed'> & { readonly mustRelease: boolean };

async function tryHint(source: Pool, run: IngestRun): Promise<TriedHint> {
  const before = run.window && run.state?.manifest.hint;
  try {
    const reading = await beginReading(source, run);
    const seen: SlotSeen = { peeked: undefined, restart: undefined, confirmed: undefined };
    const trusted = await readHint(source, run, reading, seen).catch(asRefusal);
    const observation: HintObservation = {
      ...reading,
      xmin: fenceNumber(run.snapshot.fence.xmin),
      peeked: seen.peeked,
      isDoubtful: trusted instanceof HintRefusal && DOUBTFUL.has(trusted.reason),
    };
    const next = nextHint(before, observation);
    const { inserted } = reading.place;
    reportRetained(run.telemetry, seen, inserted);
    return { trusted, next, confirmed: seen.confirmed, mustRelease: mustReleaseWal(run, seen, next, inserted) };
  } catch (error) {
    return { trusted: asRefusal(error), next: before, confirmed: undefined, mustRelease: false };
  }
}

async function beginReading(source: Pool, { snapshot, model }: IngestRun): Promise<HintReading> {
  if (snapshot.source.inRecovery) throw refusal(checkPrimary({ in_recovery: true }), 'unsupported');
  const place = await readPlace(source, snapshot);
  demand(checkVersion(await inTransaction(source, READ_COMMITTED, readServerOfHints)), 'unsupported');
  const [connection] = snapshot.connections;
  // A catalog that the role may not read must not end the snapshot's transaction.
  const published = await inSavepoint(connection, () => readPublishedTables(connection, model));
  const { position, isReached: isFlushed } = await flushSnapshot(source, snapshot);
  const flushed = BigInt(position);
  const upto = flushed < place.inserted ? flushed : place.inserted;
  return { place, published, upto, isFlushed, fingerprint: fingerprintOf(published) };
}

function asRefusal(error: unknown): HintRefusal {
  if (error instanceof HintRefusal) return error;
  return new HintRefusal('peek-failed', (error as Error).message, { cause: error });
}
