import { HintRefusal } from '@totesys/source';
import type { IngestRun } from '../open/ingest-run.ts';

/** From this many ranges of window pairs on, a scan is due: the scan reads them into 24 MB. */
const MOST_PAIRS = 1_000_000;

/**
 * Returns why a run scans although it trusts its hint; undefined if no scan is due. The scan finds what hints since the
 * last scan have missed.
 */
export function findAudit(
  { state, snapshot, missed }: Pick<IngestRun, 'state' | 'snapshot' | 'missed'>,
  auditMs: number,
): HintRefusal | undefined {
  const hint = state?.manifest.hint;
  if (!hint) return undefined;
  if (missed !== undefined) return new HintRefusal('audit', `hints have missed a change: ${missed}`);
  if (isAuditDue(hint.scannedTo.clock, snapshot.clock, auditMs)) {
    return new HintRefusal('audit', `the last scan was at ${hint.scannedTo.clock} (UTC)`);
  }
  if ((hint.pairs ?? 0) < MOST_PAIRS) return undefined;
  const most = MOST_PAIRS.toLocaleString('en');
  return new HintRefusal('audit', `the batches since the last scan have at least ${most} ranges of window pairs`);
}

/** Returns whether a scan is due, by the source's clock at the last scan and now; also if it was set back. */
export function isAuditDue(scannedAt: string, now: string, auditMs: number): boolean {
  const elapsedMs = Date.parse(`${now}Z`) - Date.parse(`${scannedAt}Z`);
  return elapsedMs < 0 || elapsedMs >= auditMs;
}
