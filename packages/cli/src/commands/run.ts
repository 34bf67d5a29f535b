import { setTimeout as delay } from 'node:timers/promises';
import type { IngestResult } from '@totesys/ingest';
import type { LoadResult } from '@totesys/load';
import { checkPlaces } from '../check-places.ts';
import type { Command, CommandContext } from '../command-context.ts';
import { ingestBatch } from './ingest-once.ts';
import { loadBatches } from './load-once.ts';
import { transformBatches } from './transform-once.ts';

/** How long a run waits for another one that is at work, and how often it looks: milliseconds. */
const WAIT_LIMIT_MS = 60_000;
const WAIT_STEP_MS = 250;

/** `totesys run`: the three stages in turn, until the source has been read to its end and all of it is loaded. */
export const run: Command = async (context) => {
  const total = { batches: [] as number[], rows: 0, deleted: 0, quarantined: 0, loaded: [] as number[], held: 0 };
  const warnings = new Set<string>();
  let hasYielded = false;
  // A database that cannot be reached stops the run before it writes anything.
  await Promise.all([context.source(), context.warehouse()]);
  await checkPlaces(context);
  for (let isDone = false; !isDone; ) {
    const read = await withoutCompany(context, () => ingestBatch(context));
    for (const warning of read.warnings) warnings.add(warning);
    if (read.outcome === 'committed') {
      total.batches.push(read.batch);
      total.rows += read.rows;
      total.deleted += read.deleted;
      total.quarantined += read.quarantined;
    }
    const derived = await transformBatches(context);
    for (const warning of derived.warnings) warnings.add(warning);
    total.quarantined += derived.quarantined;
    const loaded = await withoutCompany(context, () => loadBatches(context));
    total.loaded.push(...loaded.batches);
    total.held = loaded.held;
    hasYielded = read.outcome === 'yielded' || loaded.outcome === 'yielded';
    isDone = hasYielded || (isReadToEnd(read) && loaded.outcome !== 'yielded');
  }
  return { ok: true, command: 'run', outcome: outcomeOf(total, hasYielded), ...total, warnings: [...warnings] };
};

function outcomeOf(total: { batches: readonly number[]; loaded: readonly number[] }, hasYielded: boolean): string {
  if (hasYielded) return 'yielded';
  return total.batches.length + total.loaded.length > 0 ? 'done' : 'unchanged';
}

function isReadToEnd(read: IngestResult): boolean {
  return read.outcome !== 'committed' || read.complete;
}

// Of two runs at once one yields; it waits a while for the other and goes on, or leaves the work to it.
async function withoutCompany<R extends IngestResult | LoadResult>(
  { interrupted }: CommandContext,
  stage: () => Promise<R>,
): Promise<R> {
  const deadlineMs = Date.now() + WAIT_LIMIT_MS;
  for (;;) {
    const result = await stage();
    if (result.outcome !== 'yielded' || Date.now() > deadlineMs || interrupted.aborted) return result;
    await delay(WAIT_STEP_MS);
  }
}
