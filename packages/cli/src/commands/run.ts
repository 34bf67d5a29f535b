import type { IngestResult } from '@totesys/ingest';
import { checkPlaces } from '../places/check-places.ts';
import type { Command } from '../process/command-context.ts';
import { ingestInCompany } from './ingest.ts';
import { loadInCompany } from './load.ts';
import { transformBatches } from './transform.ts';

/** `totesys run`: the three stages in turn, until the source has been read to its end and all of it is loaded. */
export const run: Command = async (context) => {
  const total = { batches: [] as number[], rows: 0, deleted: 0, quarantined: 0, loaded: [] as number[], held: 0 };
  const warnings = new Set<string>();
  let hasYielded = false;
  // A database that cannot be reached stops the run before it writes anything.
  await Promise.all([context.source(), context.warehouse()]);
  await checkPlaces(context);
  for (let isDone = false; !isDone; ) {
    const read = await ingestInCompany(context);
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
    const loaded = await loadInCompany(context);
    for (const warning of loaded.warnings ?? []) warnings.add(warning);
    total.loaded.push(...loaded.batches);
    total.held = loaded.held;
    // What it yields to for that long has the work left to it.
    hasYielded = read.outcome === 'yielded' || loaded.outcome === 'yielded';
    isDone = hasYielded || isReadToEnd(read);
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
