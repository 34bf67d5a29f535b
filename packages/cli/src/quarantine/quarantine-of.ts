import type { CommandContext } from '../process/command-context.ts';
import { findOpenQuarantine, type Lakes, type OpenQuarantine } from './find-open-quarantine.ts';

/** Finds the quarantined rows in the lakes of a command, and returns the lakes too. */
export async function quarantineOf(
  context: CommandContext,
  mostBatches?: number,
): Promise<OpenQuarantine & { readonly lakes: Lakes }> {
  const { model, terminal } = context;
  const lakes = { model, ingestion: context.ingestion(), processed: context.processed() };
  const telemetry = terminal.telemetryOf('quarantine');
  const found = await findOpenQuarantine(lakes, (batch, of) => telemetry.progress('batches', batch, of), mostBatches);
  terminal.clearBars();
  return { ...found, lakes };
}
