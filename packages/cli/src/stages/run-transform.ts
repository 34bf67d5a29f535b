import { type TransformResult, transform } from '@totesys/transform';
import { countOf } from '../format/count-of.ts';
import { describeBatches } from '../format/describe-batches.ts';
import type { CommandContext } from '../process/command-context.ts';

/** Runs transform for every batch that the processed lake lacks, and reports the result. */
export async function runTransform(context: CommandContext): Promise<TransformResult> {
  const { model, terminal } = context;
  const telemetry = terminal.telemetryOf('transform');
  const lakes = { ingestion: context.ingestion(), processed: context.processed() };
  const result = await transform({ model, telemetry, ...lakes }, 'newest');
  terminal.clearBars();
  for (const warning of result.warnings) terminal.log(`warning: ${warning}`);
  terminal.print(`transform  ${describeTransform(result)}`);
  return result;
}

/** Describes what a run of transform did. */
export function describeTransform({ outcome, batches, rows, quarantined }: TransformResult): string {
  if (outcome === 'unchanged') return 'no batch is missing';
  return `${describeBatches(batches)}: ${countOf(rows, 'row')}, ${quarantined.toLocaleString('en')} in quarantine`;
}
