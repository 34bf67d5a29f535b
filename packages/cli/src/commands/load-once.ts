import { type LoadResult, load } from '@totesys/load';
import type { Command, CommandContext } from '../command-context.ts';
import { parseUntil } from '../parse-batch.ts';

/** When a run begins no further batch: milliseconds. */
const RUN_LIMIT_MS = 60 * 60_000;

/** `totesys load`: every batch that waits, or those up to `--until`. */
export const loadOnce: Command = async (context) => {
  const result = await loadBatches(context, parseUntil(context.options));
  return { ok: true, command: 'load', ...result };
};

/** Runs load until no batch waits and says what it did. */
export async function loadBatches(context: CommandContext, until?: number): Promise<LoadResult> {
  const { model, terminal } = context;
  const result = await load({
    model,
    warehouse: await context.warehouse(),
    processed: context.processed(),
    telemetry: terminal.telemetryOf('load'),
    deadlineMs: Date.now() + RUN_LIMIT_MS,
    ...(until !== undefined && { until }),
  });
  terminal.clearBars();
  terminal.say(`load       ${sentence(result)}`);
  return result;
}

function sentence(result: LoadResult): string {
  if (result.outcome === 'unchanged') return 'nothing waits';
  if (result.outcome === 'yielded') return `yielded: ${result.reason ?? 'another load is at work'}`;
  return `batch ${result.batches.join(', ')}: ${result.rows.toLocaleString('en')} rows, ${result.held} held`;
}
