/** The number of entries that one statement reads. */
export const PAGE = 1_000;

/** A batch in the ledger of the warehouse. */
export interface LedgerEntry {
  readonly batch: number;
  readonly manifestSha256: string;
  readonly processedSha256: string;
  readonly sourceClock: string;
}

/** Selects a page of entries after batch $1, up to batch $2, as `LedgerEntry`. */
export const selectEntries = `select batch, manifest_sha256 as "manifestSha256",
         processed_sha256 as "processedSha256", source_clock as "sourceClock"
    from etl.ledger where batch > $1::integer and batch <= $2::integer order by batch limit ${PAGE}`;
