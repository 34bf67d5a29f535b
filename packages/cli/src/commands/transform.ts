import { type TransformResult, transform } from '@totesys/transform';
import { countOf } from '../format/count-of.ts';
import { describeBatches } from '../format/describe-batches.ts';
import type { Command, CommandContext } from '../process/command-context.ts';

/** `totesys transform`: every batch that is missing in the processed lake. */
export const transformOnce: Command = async (context) => {
  const result = await transformBatches(context);
  return { ok: true, command: 'transform', ...result };
};

/** Runs transform for the newest batch, and so for all that are missing, and says what it did. */
export async function transformBatches(context: CommandContext): Promise<TransformResult> {
  const { model, terminal } = context;
  const result = await transform(
    {
      model,
      ingestion: context.ingestion(),
      processed: context.processed(),
      telemetry: terminal.telemetryOf('transform'),
    },
    'newest',
  );
  terminal.clearBars();
  for (const warning of result.warnings) terminal.complain(`warning: ${warning}`);
  const { batches, rows, quarantined } = result;
  terminal.say(
    result.outcome === 'unchanged'
      ? 'transform  nothing is missing'
      : `transform  ${describeBatches(batches)}: ${countOf(rows, 'row')}, ${quarantined.toLocaleString('en')} in quarantine`,
  );
  return result;
}
