import { type LoadDeps, type LoadResult, load } from '@totesys/load';
import { countOf } from '../format/count-of.ts';
import { describeBatches } from '../format/describe-batches.ts';
import type { CommandContext } from '../process/command-context.ts';
import { retryWhileYielded } from './retry-while-yielded.ts';

/** Options of one load. */
type LoadOptions = Pick<LoadDeps, 'until' | 'adopt' | 'holderLimits'>;

/** Loads every batch that waits, and reports the result. */
export async function runLoad(context: CommandContext, options: LoadOptions): Promise<LoadResult> {
  return report(context, await loadBatches(context, options));
}

/** Loads every batch that waits, after any other load of this warehouse has ended, and reports the result. */
export async function runLoadInTurn(context: CommandContext): Promise<LoadResult> {
  // An attempt may load some batches before it yields to another load.
  const batches: number[] = [];
  let rows = 0;
  const last = await retryWhileYielded(context, async (limits) => {
    const result = await loadBatches(context, limits);
    batches.push(...result.batches);
    rows += result.rows;
    return result;
  });
  const outcome = last.outcome === 'unchanged' && batches.length > 0 ? 'loaded' : last.outcome;
  return report(context, { ...last, outcome, batches, rows });
}

async function loadBatches(context: CommandContext, options: LoadOptions): Promise<LoadResult> {
  const { model, terminal } = context;
  const telemetry = terminal.telemetryOf('load');
  return load({
    model,
    warehouse: await context.warehouse(),
    processed: context.processed(),
    telemetry,
    ...options,
  });
}

function report({ terminal }: CommandContext, result: LoadResult): LoadResult {
  terminal.clearBars();
  for (const warning of result.warnings ?? []) terminal.log(`warning: ${warning}`);
  if (result.adopted) terminal.print(`adopt      ${describeAdopted(result.adopted)}`);
  terminal.print(`load       ${describeLoad(result)}`);
  return result;
}

function describeAdopted(adopted: Readonly<Record<string, number>>): string {
  const facts = Object.entries(adopted).map(([fact, recordId]) => `${fact} up to record id ${recordId}`);
  return facts.join(', ') || 'no fact has rows from before the first batch';
}

/** Describes what a run of load did. */
export function describeLoad({ outcome, batches, rows, held, reason }: LoadResult): string {
  const loaded = batches.length === 0 ? [] : [`${describeBatches(batches)}: ${countOf(rows, 'row')}`];
  if (outcome === 'yielded') return [...loaded, `yielded: ${reason}`].join(', then ');
  return loaded.length === 0 ? 'no batch waits' : `${loaded}, ${held.toLocaleString('en')} held`;
}
