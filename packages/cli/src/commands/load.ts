import { type LoadDeps, type LoadResult, load } from '@totesys/load';
import { countOf } from '../format/count-of.ts';
import { describeBatches } from '../format/describe-batches.ts';
import { parseUntil } from '../parse/parse-batch.ts';
import type { Command, CommandContext } from '../process/command-context.ts';
import { inCompany } from '../stages/retry-while-yielded.ts';

/** `totesys load`: every batch that waits, or those up to `--until`; with `--adopt` it first accepts the rows that were there before. */
export const loadOnce: Command = async (context) => {
  const { until, adopt } = { until: parseUntil(context.options), adopt: context.options.adopt === true };
  const result = sayLoad(context, await loadBatches(context, { ...(until !== undefined && { until }), adopt }));
  return { ok: true, command: 'load', ...result };
};

/** Every batch that waits, as `totesys run` loads them: behind another load that is at work, and beside one that comes in between. */
export async function loadInCompany(context: CommandContext): Promise<LoadResult> {
  const batches: number[] = [];
  let rows = 0;
  const last = await inCompany(context, async (limits) => {
    const result = await loadBatches(context, limits);
    batches.push(...result.batches);
    rows += result.rows;
    return result;
  });
  const outcome = last.outcome === 'unchanged' && batches.length > 0 ? 'loaded' : last.outcome;
  return sayLoad(context, { ...last, outcome, batches, rows });
}

async function loadBatches(
  context: CommandContext,
  options: Pick<LoadDeps, 'until' | 'adopt' | 'holderLimits'> = {},
): Promise<LoadResult> {
  const { model, terminal } = context;
  return load({
    model,
    warehouse: await context.warehouse(),
    processed: context.processed(),
    telemetry: terminal.telemetryOf('load'),
    ...options,
  });
}

function sayLoad({ terminal }: CommandContext, result: LoadResult): LoadResult {
  terminal.clearBars();
  for (const warning of result.warnings ?? []) terminal.complain(`warning: ${warning}`);
  if (result.adopted) terminal.say(`adopt      ${describeAdopted(result.adopted)}`);
  terminal.say(`load       ${sentence(result)}`);
  return result;
}

function describeAdopted(adopted: Readonly<Record<string, number>>): string {
  const facts = Object.entries(adopted).map(([fact, recordId]) => `${fact} up to record id ${recordId}`);
  return facts.join(', ') || 'no fact has rows from before the first batch';
}

function sentence({ outcome, batches, rows, held, reason }: LoadResult): string {
  const loaded = batches.length === 0 ? [] : [`${describeBatches(batches)}: ${countOf(rows, 'row')}`];
  if (outcome === 'yielded') return [...loaded, `yielded: ${reason}`].join(', then ');
  return loaded.length === 0 ? 'nothing waits' : `${loaded}, ${held.toLocaleString('en')} held`;
}
