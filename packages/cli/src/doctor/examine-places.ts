import { checkIngestionHead, checkOrigin, checkProcessedHead, type Store } from '@totesys/lake';
import { findLedgerHead } from '@totesys/warehouse';
import { type Check, failedBy, passed } from './check.ts';
import { connectForChecks } from './examine-server.ts';

/** Checks that the processed lake was derived from the ingestion lake. */
export async function examineLakes(ingestion: Store, processed: Store): Promise<readonly Check[]> {
  try {
    const { batch } = await checkOrigin(ingestion, processed);
    return [
      passed('lakes', 'chain', batch === 0 ? 'no batch is derived yet' : `batch ${batch} is of the ingestion lake`),
    ];
  } catch (error) {
    return [failedBy('lakes', 'chain', error)];
  }
}

/** Checks that the warehouse was loaded from these lakes. */
export async function examineLedger(
  warehouse: string,
  { ingestion, processed }: { readonly ingestion: Store; readonly processed: Store },
): Promise<readonly Check[]> {
  const pool = await connectForChecks(warehouse, 'warehouse').catch(() => undefined);
  // The checks of the warehouse report why.
  if (!pool) return [];
  try {
    const head = await findLedgerHead(pool);
    await checkIngestionHead(ingestion, head);
    await checkProcessedHead(processed, head);
    return [
      passed('lakes', 'ledger', head.batch === 0 ? 'no batch is loaded yet' : `batch ${head.batch} is of these lakes`),
    ];
  } catch (error) {
    return [failedBy('lakes', 'ledger', error)];
  } finally {
    await pool.end({ timeout: 1 });
  }
}
