import { setTimeout as delay } from 'node:timers/promises';
import { FROM_BACKUP, findNewestBatch, manifestKey } from '@totesys/lake';
import { type LoadResult, load } from '@totesys/load';
import { ErrorCode, PipelineError, type StageTelemetry } from '@totesys/runtime';
import { findLoadedBatch } from '@totesys/warehouse';
import { withRate } from '../format/with-rate.ts';
import { parseUntil } from '../parse/parse-batch.ts';
import type { Command, CommandDefinition } from '../process/command.ts';
import type { CommandContext } from '../process/command-context.ts';
import { UsageError } from '../process/usage-error.ts';
import { expectEmpty } from '../rebuild/expect-empty.ts';
import { progressLine } from '../terminal/progress-line.ts';

/** The pause before load is tried again after it has yielded to another load: milliseconds. */
const PAUSE_MS = 250;

const rebuild: Command = async (context) => {
  const { terminal, options } = context;
  const processed = context.processed();
  const until = parseUntil(options);
  const newest = await findNewestBatch(processed);
  if (newest === 0) throw emptyLake(processed.uri);
  const last = until ?? newest;
  if (last > newest) throw new UsageError(`The lake ends with batch ${newest}: expected --until at most that.`);
  const warehouse = await context.warehouse();
  await expectEmpty(warehouse, context.model);

  const startedMs = performance.now();
  const { rows, held } = await loadUntil(context, last, startedMs);
  const reached = await findLoadedBatch(warehouse);
  terminal.clearBars();
  if (reached < last) throw missingBatch(processed.uri, reached + 1, last);
  if (reached > last) throw loadedMeanwhile(reached, last);
  const speed = withRate(rows, 'rows', startedMs);
  terminal.print(`rebuild    batches 1 to ${reached}: ${speed}, ${held.toLocaleString('en')} held`);
  if (reached < newest) {
    terminal.print(`Batches ${reached + 1} to ${newest} wait. To load them, run: totesys load`);
  }
  return { ok: true, command: 'rebuild', batch: reached, newest, rows, held };
};

/** `totesys rebuild`: builds an empty warehouse from the processed lake, as of its newest batch or as of `--until`. */
export const rebuildCommand: CommandDefinition = {
  usage: 'rebuild',
  summary: 'build an empty warehouse from the processed lake alone, with its whole history',
  needs: ['warehouse', 'processed'],
  options: [{ flags: '--until <batch>', text: 'build the warehouse as of this batch; load continues from there' }],
  run: rebuild,
};

async function loadUntil(context: CommandContext, last: number, startedMs: number): Promise<LoadResult> {
  const logProgress = progressLine(context.terminal);
  const inner = context.terminal.telemetryOf('rebuild');
  let [batches, rows] = [0, 0];
  const telemetry: StageTelemetry<'load'> = {
    ...inner,
    info: (event, fields) => {
      inner.info(event, fields);
      if (event !== 'batch:loaded') return;
      batches++;
      rows += Number(fields?.rows);
      logProgress(() => `rebuild    ${batches} of ${last} batches: ${withRate(rows, 'rows', startedMs)}`);
    },
  };
  const deps = {
    model: context.model,
    warehouse: await context.warehouse(),
    processed: context.processed(),
    telemetry,
    until: last,
  };
  for (;;) {
    const result = await load(deps);
    if (result.outcome !== 'yielded' || context.interrupted.aborted) return { ...result, rows };
    await delay(PAUSE_MS);
  }
}

function emptyLake(uri: string): PipelineError {
  return new PipelineError(
    ErrorCode.OBJECT_MISSING,
    `The processed lake ${uri} has no batch: expected at least one. ` +
      'Derive its batches from the ingestion lake with: totesys transform; or correct the place.',
    { context: { store: uri } },
  );
}

// Load stops before a gap, since transform may still derive that batch. A batch after the gap shows that it will not.
function missingBatch(uri: string, missing: number, last: number): PipelineError {
  return new PipelineError(
    ErrorCode.OBJECT_MISSING,
    `Batch ${missing} has no manifest in the processed lake ${uri}: expected every batch up to ${last}. ` +
      `The warehouse ends with batch ${missing - 1}. Restore '${manifestKey(missing)}' ` +
      `${FROM_BACKUP}, then continue with: totesys load --until ${last}`,
    { context: { store: uri, batch: missing, last } },
  );
}

function loadedMeanwhile(reached: number, last: number): PipelineError {
  return new PipelineError(
    ErrorCode.WAREHOUSE_NOT_EMPTY,
    `Another load has continued this warehouse: expected it to end with batch ${last}, got ${reached}. ` +
      'Use an empty database that no schedule loads into.',
    { context: { batch: reached, last } },
  );
}
