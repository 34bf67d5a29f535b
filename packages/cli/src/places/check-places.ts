import { checkIngestionHead, checkOrigin } from '@totesys/lake';
import { findLedgerHead } from '@totesys/warehouse';
import type { CommandContext } from '../process/command-context.ts';

/**
 * Throws unless the warehouse and the lakes belong together, before the first batch is written. The ledger is compared
 * with the ingestion lake, because transform derives a missing or incomplete processed lake again.
 */
export async function checkPlaces(context: CommandContext): Promise<void> {
  const ingestion = context.ingestion();
  await checkIngestionHead(ingestion, await findLedgerHead(await context.warehouse()));
  await checkOrigin(ingestion, context.processed());
}
