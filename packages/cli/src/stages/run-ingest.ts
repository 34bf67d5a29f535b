import { type IngestDeps, type IngestResult, ingest } from '@totesys/ingest';
import { countOf } from '../format/count-of.ts';
import { parseHintAudit, parseHints } from '../parse/parse-hints.ts';
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

/**
 * Runs ingest after any other ingest of this source has ended, and reports the result. `coveringRows` is the limit of
 * ingest with that name.
 */
export async function runIngestInTurn(context: CommandContext, coveringRows: number): Promise<IngestResult> {
  const kept = { ...keepDeps(context), coveringRows };
  return report(context, await retryWhileYielded(context, (limits) => ingestBatch(context, limits, kept)));
}

/** Returns a function that runs ingest once and reports the result; what its runs share lives as long as it. */
export function prepareIngest(context: CommandContext): () => Promise<IngestResult> {
  const kept = { ...keepDeps(context), memory: {} };
  return async () => report(context, await ingestBatch(context, {}, kept));
}

type KeptDeps = Pick<IngestDeps, 'model' | 'ingestion' | 'codeVersion' | 'hints' | 'hintAuditMs' | 'memory'> &
  Pick<IngestDeps['limits'], 'coveringRows'>;

function keepDeps({ model, options, ...context }: CommandContext): KeptDeps {
  const hints = parseHints(options, process.env);
  const hintAuditMs = parseHintAudit(options, process.env);
  return { model, ingestion: context.ingestion(), codeVersion: CODE_VERSION, hints, hintAuditMs };
}

async function ingestBatch(
  context: CommandContext,
  stageLimits: StageLimits = {},
  { coveringRows, ...kept }: KeptDeps = keepDeps(context),
): Promise<IngestResult> {
  const limits = { batchRows: BATCH_ROWS, deadlineMs: Date.now() + RUN_LIMIT_MS };
  return ingest({
    ...kept,
    source: await context.source(),
    telemetry: context.terminal.telemetryOf('ingest'),
    limits: coveringRows === undefined ? limits : { ...limits, coveringRows },
    ...stageLimits,
  });
}

function report({ terminal }: CommandContext, result: IngestResult): IngestResult {
  terminal.clearBars();
  for (const warning of result.warnings) terminal.log(`warning: ${warning}`);
  terminal.print(`ingest     ${describeIngest(result)}`);
  return result;
}

/** Describes what a run of ingest did. */
export function describeIngest(result: IngestResult): string {
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
