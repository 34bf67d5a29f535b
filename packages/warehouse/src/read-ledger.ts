import { atDatabase, type Connection, hasRelation, inTransaction, ONE_SNAPSHOT, type Pool } from '@totesys/runtime';

/** The newest batch in the warehouse's ledger, and the source's clock when it was read; 0 and null where there is none. */
export interface LoadedHead {
  readonly batch: number;
  readonly sourceClock: string | null;
}

/** Reads the head of the warehouse's ledger; a warehouse in which nothing has even been created has none. */
export async function readLoadedHead(warehouse: Connection): Promise<LoadedHead> {
  const [row] = (await hasRelation(warehouse, 'etl.ledger'))
    ? await warehouse.unsafe('select batch, source_clock from etl.ledger order by batch desc limit 1')
    : [];
  return { batch: row?.batch ?? 0, sourceClock: row?.source_clock ?? null };
}

/** The newest batch in the warehouse's ledger, 0 for none. */
export async function findLoadedBatch(warehouse: Pool): Promise<number> {
  const { batch } = await atDatabase('warehouse', () => inTransaction(warehouse, ONE_SNAPSHOT, readLoadedHead));
  return batch;
}
