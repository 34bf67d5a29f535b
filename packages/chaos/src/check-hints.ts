import { findNewestBatch, readIngestionManifest, type Store } from '@totesys/lake';
import type { HintReport } from './hint-report.ts';
import type { SimulatedSource } from './scenario.ts';
import { findConfirmed } from './source-slot.ts';
import type { StageEnd } from './stage-process.ts';

/** The position of the slot at the start of a trial, in bytes; undefined without a slot. */
export type SlotStart = bigint | undefined;

/** Returns the fault of a slot that has advanced beyond the newest manifest: it lacks changes that no batch has. */
export async function checkSlot(simulated: SimulatedSource, ingestion: Store, start: SlotStart): Promise<string[]> {
  const confirmed = start === undefined ? undefined : await findConfirmed(simulated.author);
  if (start === undefined || confirmed === undefined || confirmed <= start) return [];
  const newest = await findNewestBatch(ingestion);
  const hint = newest === 0 ? undefined : (await readIngestionManifest(ingestion, newest)).manifest.hint;
  const committed = BigInt(hint?.position ?? 0);
  if (confirmed <= committed) return [];
  return [`the slot has advanced to ${confirmed}, beyond batch ${newest}, which has the position ${committed}`];
}

/** Returns the fault of a run without a fault that does not use its hint, or does not release the slot's WAL. */
export async function checkUse(
  { choice, author }: SimulatedSource,
  moment: string,
  end: StageEnd,
  start: SlotStart,
): Promise<string[]> {
  if (start === undefined || end.kind !== 'done') return [];
  const { used, refused } = end.hints;
  if (moment === 'quiet' && (await findConfirmed(author)) === start) {
    return [`the run of seed ${choice.seed} does not release the slot's WAL (${refused})`];
  }
  const isUsed = used > 0 || refused.every((reason) => reason.startsWith('audit'));
  return moment === 'next' && !isUsed ? [`the run does not trust its hint: ${refused}`] : [];
}

/**
 * Returns the fault of runs whose scans found changes that hints lacked. If changes were hidden from a run, the fault
 * is that no scan found them.
 */
export function checkMissed(ends: readonly StageEnd[], { missed: later }: HintReport, hidesChanges: boolean): string[] {
  const missed = ends.reduce((sum, end) => sum + (end.kind === 'done' ? end.hints.missed : 0), later);
  if (hidesChanges) return missed > 0 ? [] : ['no scan reports the changes that were hidden from a run'];
  return missed === 0 ? [] : [`hints lacked ${missed} changed rows`];
}
