import { completeBefore, fenceWindow, readWindowPairs } from '@totesys/source';
import type { TakenHint } from '../hints/taken-hint.ts';
import type { IngestRun } from './ingest-run.ts';

/**
 * Returns the run as it reads: the keys of its hint, or scans. Scans look for everything since the last scan, because
 * hints may have missed changes since then.
 */
export async function chooseReading(opened: IngestRun, hint: TakenHint | undefined): Promise<IngestRun> {
  const run = { ...opened, hint };
  const { state, window, snapshot } = run;
  if (!state || !window) return run;
  if (hint?.followed) return { ...run, followed: hint.followed, scannedTo: state.manifest.hint!.scannedTo };
  const { fence } = state.manifest;
  const xmin = completeBefore(state.manifest);
  if (xmin === fence.to.xmin) return run;
  const pairs = await readWindowPairs(run.store, state, run.model);
  return { ...run, window: fenceWindow({ ...fence.to, xmin }, snapshot.fence), pairs };
}
