import { inTransaction, type Pool, query, READ_COMMITTED } from '@totesys/runtime';
import { type LedgerEntry, PAGE, selectEntries } from './sql/ledger-entries.ts';

/** Streams the entries of the ledger after batch `from`, up to batch `through`, in order, one page at a time. */
export async function* readLedgerEntries(warehouse: Pool, through: number, from = 0): AsyncGenerator<LedgerEntry> {
  for (let after = from; after < through; ) {
    const statement = { text: selectEntries, parameters: [after, through] };
    const entries = await inTransaction(warehouse, READ_COMMITTED, (transaction) =>
      query<LedgerEntry>(transaction, statement),
    );
    yield* entries;
    if (entries.length < PAGE) return;
    after = entries.at(-1)!.batch;
  }
}
