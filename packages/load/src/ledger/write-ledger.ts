import type { ProcessedManifest, ReadManifest } from '@totesys/lake';
import {
  type Connection,
  execute,
  inTransaction,
  type Pool,
  query,
  READ_COMMITTED,
  type Telemetry,
  WRITING,
} from '@totesys/runtime';
import type { Model } from '@totesys/schema';
import {
  type CompletedEntry,
  completeNewestEntry,
  type EntryState,
  insertLedgerEntry,
  selectEntryState,
} from '../sql/ledger.ts';

/** What a load adds to a batch's ledger entry: the rows that it wrote, and the last batch of its transaction. */
export interface LoadedEntry {
  readonly rows: number;
  readonly loadedWith: number;
}

/**
 * Writes a batch's ledger entry in the transaction of its rows; a second load of the same batch fails here. The entry
 * has the last record id of each fact, so that the state as of the batch can be read later.
 */
export async function writeLedger(
  transaction: Connection,
  model: Model,
  { manifest, sha256 }: ReadManifest<ProcessedManifest>,
  { rows, loadedWith }: LoadedEntry,
): Promise<void> {
  const parameters = [manifest.batch, manifest.ingestion.sha256, sha256, manifest.sourceClock, rows, loadedWith];
  await execute(transaction, { text: insertLedgerEntry(model), parameters });
}

/** Adds the facts' current last record ids to the newest ledger entry if an older version of load wrote it without. */
export async function completeLedger(warehouse: Pool, model: Model, telemetry: Telemetry): Promise<void> {
  const [newest] = await inTransaction(warehouse, READ_COMMITTED, (transaction) =>
    query<EntryState>(transaction, { text: selectEntryState }),
  );
  if (newest?.lacks !== true) return;
  const [entry] = await inTransaction(warehouse, WRITING, (transaction) =>
    query<CompletedEntry>(transaction, { text: completeNewestEntry(model) }),
  );
  if (entry) telemetry.warn('ledger:completed', { batch: entry.batch, lastRecordIds: entry.ids });
}
