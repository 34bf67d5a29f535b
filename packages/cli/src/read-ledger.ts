import { atDatabase, type Connection, hasRelation, type Sql } from '@totesys/runtime';

/** The newest batch in the warehouse's ledger, and the source's clock when it was read; 0 and null where there is none. */
export interface LoadedHead {
  readonly batch: number;
  readonly sourceClock: string | null;
}

/** Reads the head of the warehouse's ledger; a warehouse in which nothing has even been created has none. */
export function readLoadedHead(warehouse: Sql | Connection): Promise<LoadedHead> {
  return atDatabase('warehouse', async () => {
    const [row] = (await hasRelation(warehouse, 'etl.ledger'))
      ? await warehouse.unsafe('select batch, source_clock from etl.ledger order by batch desc limit 1')
      : [];
    return { batch: row?.batch ?? 0, sourceClock: row?.source_clock ?? null };
  });
}

/** The newest batch in the warehouse's ledger, 0 for none. */
export async function findLoadedBatch(warehouse: Sql | Connection): Promise<number> {
  return (await readLoadedHead(warehouse)).batch;
}
