import { setTimeout as delay } from 'node:timers/promises';
import { findNewestBatch, manifestKey } from '@totesys/lake';
import { type LoadResult, load } from '@totesys/load';
import { ErrorCode, PipelineError, type StageTelemetry } from '@totesys/runtime';
import { findLoadedBatch } from '@totesys/warehouse';
import { parseUntil } from '../parse/parse-batch.ts';
import type { Command, CommandContext } from '../process/command-context.ts';
import { UsageError } from '../process/usage-error.ts';
import { expectEmpty } from '../rebuild/expect-empty.ts';
import { progressLine, withRate } from '../terminal/progress-line.ts';

/** How often it looks whether another load, which builds the same warehouse, is done: milliseconds. */
const WAIT_STEP_MS = 250;

/** `totesys rebuild`: an empty warehouse from the processed lake alone, batch by batch, as it was, or as of `--until`. */
export const rebuild: Command = async (context) => {
  const { terminal, options } = context;
  const processed = context.processed();
  const until = parseUntil(options);
  const newest = await findNewestBatch(processed);
  if (newest === 0) throw nothingThere(processed.uri);
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
  terminal.say(
    `rebuild    batches 1 to ${reached}: ${withRate(rows, 'rows', startedMs)}, ${held.toLocaleString('en')} held`,
  );
  if (reached < newest) terminal.say(`Batches ${reached + 1} to ${newest} wait; totesys load brings them.`);
  return { ok: true, command: 'rebuild', batch: reached, newest, rows, held };
};

async function loadUntil(context: CommandContext, last: number, startedMs: number): Promise<LoadResult> {
  const say = progressLine(context.terminal);
  const inner = context.terminal.telemetryOf('rebuild');
  let [batches, rows] = [0, 0];
  const telemetry: StageTelemetry<'load'> = {
    ...inner,
    info: (event, fields) => {
      inner.info(event, fields);
      if (event !== 'batch:loaded') return;
      batches++;
      rows += Number(fields?.rows);
      say(() => `rebuild    ${batches} of ${last} batches: ${withRate(rows, 'rows', startedMs)}`);
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
    await delay(WAIT_STEP_MS);
  }
}

function nothingThere(uri: string): PipelineError {
  return new PipelineError(
    ErrorCode.OBJECT_MISSING,
    `The processed lake ${uri} has no batch: expected at least one to build from. Derive it again from the ingestion lake with: totesys transform; or name another place.`,
    { context: { store: uri } },
  );
}

// Load stops before a gap, as before a batch that transform has yet to derive; of a lake that ends behind it none will come.
function missingBatch(uri: string, missing: number, last: number): PipelineError {
  return new PipelineError(
    ErrorCode.OBJECT_MISSING,
    `Batch ${missing} has no manifest in the processed lake ${uri}: expected every batch up to ${last}. The warehouse ends before it. Restore '${manifestKey(missing)}' (the bucket is versioned; a folder, from a backup), then go on with: totesys load --until ${last}`,
    { context: { store: uri, batch: missing, last } },
  );
}

function loadedMeanwhile(reached: number, last: number): PipelineError {
  return new PipelineError(
    ErrorCode.WAREHOUSE_NOT_EMPTY,
    `Another load went on with the warehouse: expected it to end with batch ${last}, got ${reached}. Name an empty database that no schedule loads into.`,
    { context: { batch: reached, last } },
  );
}
