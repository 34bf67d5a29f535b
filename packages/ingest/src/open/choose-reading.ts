import { completeBefore, fenceWindow, readWindowPairs } from '@totesys/source';
import type { TakenHint } from '../hints/taken-hint.ts';
import type { IngestRun } from './ingest-run.ts';

/**
 * Returns the run with its way of reading: by the keys of its hint, or by a scan. A scan looks for all changes since
 * the last scan, because hints may have missed some of them.
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
