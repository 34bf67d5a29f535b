import { type Cluster, startCluster, until } from '@totesys/sandbox';
import { atDatabase, type Sql } from '../../src/index.ts';
import { openPool } from '../open-pool.ts';

const settings = { autovacuum: 'off', shared_buffers: '32MB', max_standby_streaming_delay: '0' };

let primary: Cluster;
let standby: Cluster;
let writer: Sql;
let reader: Sql;

beforeAll(async () => {
  primary = await startCluster({ settings });
  standby = await startCluster({ settings, backup: await primary.backUp(), standbyOf: primary });
  writer = await openPool(primary.url('postgres'));
  await writer`create table orders as select id from generate_series(1, 1000) id`;
});
afterAll(async () => {
  await reader?.end();
  await writer?.end();
  await standby?.stop();
  await primary?.stop();
});

test.each([
  ['while a transaction waits', 'CONNECTION_FAILED', 'terminating connection', async () => {}],
  [
    'while a statement runs',
    'QUERY_FAILED',
    'canceling statement',
    (sql: Pick<Sql, 'unsafe'>) => sql.unsafe('select pg_sleep(60)'),
  ],
])('a standby that replays a vacuum %s names the settings that prevent it', async (_, code, said, work) => {
  reader = await openPool(standby.url('postgres'));
  await until('the table on the standby', async () => {
    const [found] = await reader`select to_regclass('orders') is not null as is_there`;
    return found?.is_there === true;
  });
  const reading = atDatabase('source', () =>
    reader.begin('isolation level repeatable read read only', async (transaction) => {
      await transaction`select count(*) from orders`;
      await writer`delete from orders where id = (select min(id) from orders)`;
      await writer`vacuum orders`;
      await work(transaction as never);
      await new Promise(() => {});
    }),
  );
  await expect(reading).rejects.toMatchObject({
    code,
    message: expect.stringMatching(
      new RegExp(`40001: ${said} due to conflict with recovery\\..*hot_standby_feedback.*max_standby_streaming_delay`),
    ),
    context: { sqlstate: '40001' },
  });
  await reader.end();
});
