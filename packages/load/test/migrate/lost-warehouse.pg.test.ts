import { storeWith } from '../../../lake/test/store-with.ts';
import { createLoadedWarehouse, type LoadedWarehouse } from '../loaded-warehouse.ts';

let warehouse: LoadedWarehouse;

beforeEach(async () => {
  warehouse = await createLoadedWarehouse();
});

afterEach(() => warehouse.close());

test('a connection lost during a COPY is reported with its remedy, and the next run loads the batch', async () => {
  await warehouse.write({ rows: { dim_date: [{ date_id: 1 }] } });
  // Every session of load ends whenever an object is read.
  const processed = storeWith(warehouse.store, {
    get: async (key) => {
      await warehouse.database.sql`
        select pg_terminate_backend(pid, 30000) from pg_stat_activity
         where datname = current_database() and application_name = 'test'`;
      return warehouse.store.get(key);
    },
  });
  const failure = await warehouse.run({ processed }).catch((error) => error);
  expect(failure).toMatchObject({
    code: 'CONNECTION_FAILED',
    message: expect.stringMatching(/^The connection to the warehouse was lost: .*The next run goes on\.$/),
  });
  expect(await warehouse.run()).toMatchObject({ outcome: 'loaded', batches: [1] });
});
