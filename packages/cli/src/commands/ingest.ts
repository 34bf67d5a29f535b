import { type IngestDeps, type IngestResult, ingest } from '@totesys/ingest';
import { checkOrigin } from '@totesys/lake';
import { countOf } from '../format/count-of.ts';
import type { Command, CommandContext } from '../process/command-context.ts';
import { CODE_VERSION } from '../stages/code-version.ts';
import { inCompany } from '../stages/retry-while-yielded.ts';

/** Rows of one batch: memory does not grow with it, and a fact is filled fastest at once, while it is empty. */
const BATCH_ROWS = 20_000_000;
/** When a run begins no further chunk: milliseconds. */
const RUN_LIMIT_MS = 10 * 60_000;

/** `totesys ingest`: one batch, or none. */
export const ingestOnce: Command = async (context) => {
  // A lake that has lost its newest batches gives their numbers again; the processed lake, where it is given, still knows them.
  if (context.places.processed !== undefined) await checkOrigin(context.ingestion(), context.processed());
  const result = sayIngest(context, await ingestBatch(context));
  return { ok: true, command: 'ingest', ...result };
};

/** One batch, or none, as `totesys run` reads it: behind another ingest that is at work. */
export async function ingestInCompany(context: CommandContext): Promise<IngestResult> {
  return sayIngest(context, await inCompany(context, (limits) => ingestBatch(context, limits)));
}

async function ingestBatch(
  context: CommandContext,
  options: Pick<IngestDeps, 'holderLimits'> = {},
): Promise<IngestResult> {
  const { model, terminal } = context;
  return ingest({
    model,
    source: await context.source(),
    ingestion: context.ingestion(),
    telemetry: terminal.telemetryOf('ingest'),
    limits: { batchRows: BATCH_ROWS, deadlineMs: Date.now() + RUN_LIMIT_MS },
    codeVersion: CODE_VERSION,
    ...options,
  });
}

function sayIngest({ terminal }: CommandContext, result: IngestResult): IngestResult {
  terminal.clearBars();
  for (const warning of result.warnings) terminal.complain(`warning: ${warning}`);
  terminal.say(`ingest     ${sentence(result)}`);
  return result;
}

function sentence(result: IngestResult): string {
  if (result.outcome === 'unchanged') return 'nothing changed';
  if (result.outcome === 'yielded') return `yielded: ${result.reason}`;
  const { batch, rows, deleted, quarantined, complete } = result;
  const [gone, broken] = [deleted.toLocaleString('en'), quarantined.toLocaleString('en')];
  return `batch ${batch}: ${countOf(rows, 'row')}, ${gone} deleted, ${broken} in quarantine${complete ? '' : ', more to read'}`;
}
