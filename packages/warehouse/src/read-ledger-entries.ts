import { inTransaction, type Pool, READ_COMMITTED } from '@totesys/runtime';

/** Entries that one statement reads. */
const PAGE = 1_000;

/** A batch as the warehouse's ledger names it. */
export interface LedgerEntry {
  readonly batch: number;
  readonly manifestSha256: string;
  readonly processedSha256: string;
  readonly sourceClock: string;
}

/** The entries of the ledger up to the batch `through`, in order, however long it is. */
export async function* readLedgerEntries(warehouse: Pool, through: number): AsyncGenerator<LedgerEntry> {
  for (let after = 0; after < through; ) {
    const rows = await inTransaction(warehouse, READ_COMMITTED, (sql) => sql.unsafe(selectEntries, [after, through]));
    yield* rows as unknown as LedgerEntry[];
    if (rows.length < PAGE) return;
    after = rows.at(-1)!.batch;
  }
}

const selectEntries = `
select batch, manifest_sha256 as "manifestSha256", processed_sha256 as "processedSha256", source_clock as "sourceClock"
  from etl.ledger where batch > $1::integer and batch <= $2::integer order by batch limit ${PAGE}`;
