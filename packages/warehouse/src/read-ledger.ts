import {
  atDatabase,
  type Connection,
  hasRelation,
  inTransaction,
  ONE_SNAPSHOT,
  type Pool,
  query,
} from '@totesys/runtime';

/** The newest batch of the ledger: the SHA-256 of its ingestion manifest, and its source clock; 0 and null for none. */
export interface LedgerHead {
  readonly batch: number;
  readonly sha256: string | null;
  readonly sourceClock: string | null;
}

const EMPTY: LedgerHead = { batch: 0, sha256: null, sourceClock: null };

const selectHead = `
select batch, manifest_sha256 as sha256, source_clock as "sourceClock"
  from etl.ledger order by batch desc limit 1`;

/** Reads the ledger's newest batch in the caller's transaction. */
export async function readLedgerHead(warehouse: Connection): Promise<LedgerHead> {
  // Before the first migration there is no ledger.
  if (!(await hasRelation(warehouse, 'etl.ledger'))) return EMPTY;
  const [head] = await query<LedgerHead>(warehouse, { text: selectHead });
  return head ?? EMPTY;
}

/** Reads the ledger's newest batch in a transaction of its own. */
export function findLedgerHead(warehouse: Pool): Promise<LedgerHead> {
  return atDatabase('warehouse', () => inTransaction(warehouse, ONE_SNAPSHOT, readLedgerHead));
}

/** Returns the number of the newest batch in the warehouse's ledger, 0 for none. */
export async function findLoadedBatch(warehouse: Pool): Promise<number> {
  return (await findLedgerHead(warehouse)).batch;
}
