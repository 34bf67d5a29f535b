import { atDatabase, type Connection, type Sql } from '@totesys/runtime';

/** The newest batch in the warehouse's ledger; 0 where nothing has been loaded, or nothing has even been created. */
export function findLoadedBatch(warehouse: Sql | Connection): Promise<number> {
  return atDatabase('warehouse', async () => {
    const [ledger] = await warehouse.unsafe(`select to_regclass('etl.ledger') is not null as exists`);
    if (ledger?.exists !== true) return 0;
    const [row] = await warehouse.unsafe('select coalesce(max(batch), 0) as batch from etl.ledger');
    return row?.batch ?? 0;
  });
}
