import type { Store } from '@totesys/lake';
import { connect, type Sql } from '@totesys/runtime';
import { storeWith } from '../../lake/test/store-with.ts';
import { createIngestedSource, type IngestedSource } from './ingested-source.ts';

let ingested: IngestedSource;
let reader: Sql;

beforeEach(async () => {
  ingested = await createIngestedSource();
  reader = await connect(ingested.database.url, { subject: 'source', connections: 4, applicationName: 'lost' });
});

afterEach(async () => {
  await reader.end({ timeout: 1 });
  await ingested.close();
});

const cut = () =>
  ingested.database.sql`
    select pg_terminate_backend(pid, 30000) from pg_stat_activity
     where datname = current_database() and application_name = 'lost'`;

test.each([
  ['before it reads', 'list'],
  ['while it reads', 'putIfAbsent'],
] as const)('a source that is lost %s is said by name, with what to do, and the next run goes on', async (_, call) => {
  const whole = ingested.store;
  ingested.store = cuttingStore(call);
  const failure = await ingested.run({ source: reader }).catch((error) => error);
  expect(failure).toMatchObject({
    code: 'CONNECTION_FAILED',
    message: expect.stringMatching(/^The connection to the source was lost: .*The next run goes on\.$/),
  });
  ingested.store = whole;
  expect(await ingested.run({ source: reader })).toMatchObject({ outcome: 'committed', batch: 1 });
});

// Ends every session of ingest whenever the lake is asked so.
function cuttingStore(call: 'list' | 'putIfAbsent'): Store {
  const { store } = ingested;
  const calls: Pick<Store, 'list' | 'putIfAbsent'> = {
    async *list(prefix, options) {
      await cut();
      yield* store.list(prefix, options);
    },
    async putIfAbsent(key, body) {
      await cut();
      return store.putIfAbsent(key, body);
    },
  };
  return storeWith(store, { [call]: calls[call] });
}
