import { checkIngestion } from '@totesys/load';
import { checkOrigin } from '@totesys/transform';
import type { CommandContext } from '../process/command-context.ts';

/**
 * Throws unless warehouse and lakes belong together, before the first batch is written. The ledger is held against the ingestion lake: a
 * processed lake that is gone or behind is derived again.
 */
export async function checkPlaces(context: CommandContext): Promise<void> {
  const ingestion = context.ingestion();
  await checkIngestion(ingestion, await context.warehouse());
  await checkOrigin(ingestion, context.processed());
}
