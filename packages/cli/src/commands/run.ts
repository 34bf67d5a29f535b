import type { IngestResult } from '@totesys/ingest';
import { HINT_OPTIONS } from '../parse/parse-hints.ts';
import { checkPlaces } from '../places/check-places.ts';
import type { Command, CommandDefinition } from '../process/command.ts';
import { EVERY_OPTION } from '../repeat/repeated-command.ts';
import { runIngestInTurn } from '../stages/run-ingest.ts';
import { runLoadInTurn } from '../stages/run-load.ts';
import { runTransform } from '../stages/run-transform.ts';
import { prepareRunEvery } from './run-every.ts';

/** Runs the three stages in turn until the source is read to its end and everything is loaded. */
export const runStages: Command = async (context) => {
  const total = { batches: [] as number[], rows: 0, deleted: 0, quarantined: 0, loaded: [] as number[], held: 0 };
  const warnings = new Set<string>();
  let hasYielded = false;
  // A database that cannot be reached stops the run before it writes anything.
  await Promise.all([context.source(), context.warehouse()]);
  await checkPlaces(context);
  for (let isDone = false; !isDone; ) {
    const read = await runIngestInTurn(context);
    for (const warning of read.warnings) warnings.add(warning);
    if (read.outcome === 'committed') {
      total.batches.push(read.batch);
      total.rows += read.rows;
      total.deleted += read.deleted;
      total.quarantined += read.quarantined;
    }
    const derived = await runTransform(context);
    for (const warning of derived.warnings) warnings.add(warning);
    total.quarantined += derived.quarantined;
    const loaded = await runLoadInTurn(context);
    for (const warning of loaded.warnings ?? []) warnings.add(warning);
    total.loaded.push(...loaded.batches);
    total.held = loaded.held;
    // Another run that still works after the waiting time does the rest.
    hasYielded = read.outcome === 'yielded' || loaded.outcome === 'yielded';
    isDone = hasYielded || isReadToEnd(read);
  }
  return { ok: true, command: 'run', outcome: outcomeOf(total, hasYielded), ...total, warnings: [...warnings] };
};

/** `totesys run`: one pass of the whole pipeline. */
export const runCommand: CommandDefinition = {
  usage: 'run',
  summary: 'run ingest, transform and load in turn until no change and no batch waits',
  needs: ['source', 'warehouse', 'ingestion', 'processed'],
  options: [EVERY_OPTION, ...HINT_OPTIONS],
  run: runStages,
  prepareRuns: prepareRunEvery,
};

function outcomeOf(total: { batches: readonly number[]; loaded: readonly number[] }, hasYielded: boolean): string {
  if (hasYielded) return 'yielded';
  return total.batches.length + total.loaded.length > 0 ? 'done' : 'unchanged';
}

function isReadToEnd(read: IngestResult): boolean {
  return read.outcome !== 'committed' || read.complete;
}
