import { memoryStore, type Store } from '@totesys/lake';
import { connect, type Sql, silentTelemetry } from '@totesys/runtime';
import { createTestDatabase, type TestDatabase } from '@totesys/sandbox';
import { totesysModel } from '@totesys/schema';
import { load } from '../src/load.ts';
import { writeBatch } from './processed-batch.ts';

let database: TestDatabase;
let warehouse: Sql;
let store: Store;
/** The same, but every session of load ends whenever an object is read. */
let cuttingStore: Store;

beforeEach(async () => {
  database = await createTestDatabase();
  warehouse = await connect(database.url, { subject: 'warehouse', connections: 3, applicationName: 'lost' });
  store = memoryStore();
  cuttingStore = {
    ...store,
    get: async (...args) => {
      await database.sql`select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'lost'`;
      return store.get(...args);
    },
  };
  await writeBatch(store, 1, { rows: { dim_date: [{ date_id: 1 }] } });
});

afterEach(async () => {
  await warehouse.end({ timeout: 1 });
  await database.drop();
});

const run = (processed: Store) =>
  load({
    model: totesysModel,
    warehouse,
    processed,
    telemetry: silentTelemetry,
    deadlineMs: Number.MAX_SAFE_INTEGER,
  });

test('a warehouse that is lost in the middle of a COPY is said by name, with what to do, and the next run goes on', async () => {
  const failure = await run(cuttingStore).catch((error) => error);
  expect(failure).toMatchObject({
    code: 'CONNECTION_FAILED',
    message: expect.stringMatching(/^The connection to the warehouse was lost: .*the next run goes on\.$/),
  });
  expect(await run(store)).toMatchObject({ outcome: 'loaded', batches: [1] });
});
