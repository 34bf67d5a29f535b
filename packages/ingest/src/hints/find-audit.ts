import { HintRefusal } from '@totesys/source';
import type { IngestRun } from '../open/ingest-run.ts';

/** Ranges of window pairs that a scan reads at most: 24 MB. */
const MOST_PAIRS = 1_000_000;

/**
 * Returns why a run scans although it trusts its hint; undefined if it need not. The scan finds what hints since the
 * last scan have missed.
 */
export function findAudit(
  { state, snapshot, doubt }: Pick<IngestRun, 'state' | 'snapshot' | 'doubt'>,
  auditMs: number,
): HintRefusal | undefined {
  const hint = state?.manifest.hint;
  if (!hint) return undefined;
  if (doubt !== undefined) return new HintRefusal('audit', `hints have missed a change: ${doubt}`);
  if (isAuditDue(hint.scannedTo.clock, snapshot.clock, auditMs)) {
    return new HintRefusal('audit', `the last scan was at ${hint.scannedTo.clock}`);
  }
  if ((hint.pairs ?? 0) < MOST_PAIRS) return undefined;
  return new HintRefusal(
    'audit',
    `there were more than ${MOST_PAIRS.toLocaleString('en')} changes since the last scan`,
  );
}

/** Returns whether a scan is due, by the source's clock at the last scan and now; it is if the clock was set back. */
export function isAuditDue(scannedAt: string, now: string, auditMs: number): boolean {
  const elapsedMs = Date.parse(`${now}Z`) - Date.parse(`${scannedAt}Z`);
  return elapsedMs < 0 || elapsedMs >= auditMs;
}
