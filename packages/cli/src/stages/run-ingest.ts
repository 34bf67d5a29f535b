import { type IngestResult, ingest } from '@totesys/ingest';
import { countOf } from '../format/count-of.ts';
import type { CommandContext } from '../process/command-context.ts';
import { CODE_VERSION } from './code-version.ts';
import { retryWhileYielded, type StageLimits } from './retry-while-yielded.ts';

/** Rows of one batch. Memory does not grow with it, and load fills an empty fact fastest in one batch. */
const BATCH_ROWS = 20_000_000;
/** The time after which a run begins no further chunk: milliseconds. */
const RUN_LIMIT_MS = 10 * 60_000;

/** Runs ingest once and reports the result. */
export async function runIngest(context: CommandContext): Promise<IngestResult> {
  return report(context, await ingestBatch(context));
}

/** Runs ingest after any other ingest of this source has ended, and reports the result. */
export async function runIngestInTurn(context: CommandContext): Promise<IngestResult> {
  return report(context, await retryWhileYielded(context, (limits) => ingestBatch(context, limits)));
}

async function ingestBatch(context: CommandContext, limits: StageLimits = {}): Promise<IngestResult> {
  const { model, terminal } = context;
  return ingest({
    model,
    source: await context.source(),
    ingestion: context.ingestion(),
    telemetry: terminal.telemetryOf('ingest'),
    limits: { batchRows: BATCH_ROWS, deadlineMs: Date.now() + RUN_LIMIT_MS },
    codeVersion: CODE_VERSION,
    ...limits,
  });
}

function report({ terminal }: CommandContext, result: IngestResult): IngestResult {
  terminal.clearBars();
  for (const warning of result.warnings) terminal.log(`warning: ${warning}`);
  terminal.print(`ingest     ${describe(result)}`);
  return result;
}

function describe(result: IngestResult): string {
  if (result.outcome === 'unchanged') return 'nothing changed';
  if (result.outcome === 'yielded') return `yielded: ${result.reason}`;
  const { batch, rows, deleted, quarantined, complete } = result;
  return [
    `batch ${batch}: ${countOf(rows, 'row')}`,
    `${deleted.toLocaleString('en')} deleted`,
    `${quarantined.toLocaleString('en')} in quarantine`,
    ...(complete ? [] : ['more to read']),
  ].join(', ');
}
