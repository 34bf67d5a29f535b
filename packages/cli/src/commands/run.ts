import type { IngestResult } from '@totesys/ingest';
import { HINT_OPTIONS } from '../parse/parse-hints.ts';
import { checkPlaces } from '../places/check-places.ts';
import type { Command, CommandDefinition, CommandResult } from '../process/command.ts';
import type { CommandContext } from '../process/command-context.ts';
import { EVERY_OPTION } from '../repeat/repeated-command.ts';
import { loadsBeside } from '../stages/loads-beside.ts';
import { runIngestInTurn } from '../stages/run-ingest.ts';
import { runTransform } from '../stages/run-transform.ts';
import { prepareRunEvery } from './run-every.ts';

/**
 * Rows of a first load after which a batch ends with its table, so that they load while the next tables are read. Fewer
 * rows would save little time, and each batch costs a snapshot and a scan of the covered tables.
 */
const COVERING_ROWS = 1_000_000;

/** Runs the three stages until the source is read to its end and everything is loaded. */
export const runStages: Command = (context) => runBeside(context, COVERING_ROWS);

/** Runs the three stages; loads run beside the other two. `coveringRows` is the limit of ingest with that name. */
export async function runBeside(context: CommandContext, coveringRows: number): Promise<CommandResult> {
  const total = { batches: [] as number[], rows: 0, deleted: 0, quarantined: 0, loaded: [] as number[], held: 0 };
  const warnings = new Set<string>();
  let hasYielded = false;
  // A database that cannot be reached stops the run before it writes anything.
  await Promise.all([context.source(), context.warehouse()]);
  await checkPlaces(context);
  const loads = loadsBeside(context, (loaded) => {
    for (const warning of loaded.warnings ?? []) warnings.add(warning);
    total.loaded.push(...loaded.batches);
    total.held = loaded.held;
    hasYielded ||= loaded.outcome === 'yielded';
  });
  try {
    for (let isDone = false; !isDone; ) {
      const read = await runIngestInTurn(context, coveringRows);
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
      loads.start(derived.batches.at(-1) ?? Number.POSITIVE_INFINITY);
      // Another run that still works after the waiting time does the rest.
      hasYielded ||= read.outcome === 'yielded';
      isDone = hasYielded || isReadToEnd(read);
    }
    await loads.end();
  } catch (error) {
    await loads.endAfter(error);
    throw error;
  }
  return { ok: true, command: 'run', outcome: outcomeOf(total, hasYielded), ...total, warnings: [...warnings] };
}

/** `totesys run`: one pass of the whole pipeline. */
export const runCommand: CommandDefinition = {
  usage: 'run',
  summary: 'run ingest, transform and load until no change and no batch waits',
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
