import { connect, type Sql } from '@totesys/runtime';
import {
  addOrder,
  createTestDatabase,
  deleteOrder,
  findPgBouncer,
  type PgBouncer,
  populate,
  startPgBouncer,
  type TestDatabase,
  unstampedEdit,
} from '@totesys/sandbox';
import postgres from 'postgres';
import { compare } from '../../../reconcile/test/rows/compare.ts';
import { createPipeline, expectEqual, type Pipeline } from '../pipeline.ts';

/**
 * In transaction mode fewer server connections than the clients have together: a setting that one leaves would meet the next.
 */
const POOL_SIZES = { session: 16, transaction: 4 };

const program = await findPgBouncer();

(program === undefined ? describe.skip : describe).each(['session', 'transaction'] as const)(
  'behind PgBouncer in %s mode, with its defaults',
  (mode) => {
    let database: TestDatabase;
    let bouncer: PgBouncer;
    let pipeline: Pipeline;
    let writer: Sql;

    beforeAll(async () => {
      database = await createTestDatabase({ totesys: true });
      await populate(database.sql, { seed: 4, salesOrders: 100, purchaseOrders: 50 });
      bouncer = await startPgBouncer(program ?? '', database.url, { mode, poolSize: POOL_SIZES[mode] });
      pipeline = await createPipeline(undefined, { ...database, url: bouncer.through(database.url) });
      writer = await connect(bouncer.through(pipeline.warehouse.url), {
        subject: 'warehouse',
        connections: 2,
        applicationName: 'pooled',
      });
      pipeline.loadAs(writer);
    });
    afterAll(async () => {
      await writer.end({ timeout: 5 });
      await pipeline.close();
      await bouncer.stop();
    });

    test('every change arrives in run after run, and nothing stays on a server connection', async () => {
      await pipeline.run();
      await database.sql.begin((sql) => unstampedEdit(sql));
      await pipeline.run();
      await database.sql.begin((sql) => addOrder(sql));
      await database.sql.begin((sql) => deleteOrder(sql));
      await pipeline.run();
      const outcomes = (await Promise.all([pipeline.ingest(), pipeline.ingest()])).map(({ outcome }) => outcome);
      expect(outcomes).toContain('unchanged');
      expect(await pipeline.ingest()).toMatchObject({ outcome: 'unchanged' });
      await expectEqual(pipeline, { deletes: true });
      const warehouse = { ...pipeline.warehouse, url: bouncer.through(pipeline.warehouse.url) };
      const compared = await compare({ source: pipeline.source, ingestion: pipeline.ingestion, warehouse });
      expect(compared).toMatchObject({ differences: [], unread: [] });
      // Of these two databases alone: other tests lock in theirs.
      const locks = await database.sql`
        select from pg_locks l join pg_database d on d.oid = l.database
         where l.locktype = 'advisory' and d.datname in (${nameOf(database.url)}, ${nameOf(pipeline.warehouse.url)})`;
      expect(locks).toHaveLength(0);
      expect(await settingsOf(bouncer.through(database.url))).toEqual(await settingsOf(database.url));
    });
  },
);

const nameOf = (url: string) => new URL(url).pathname.slice(1);

// The settings of several sessions at once, each of another server connection.
async function settingsOf(url: string): Promise<string[]> {
  const sql = postgres(url, { max: 3, prepare: false, fetch_types: false, onnotice: () => {} });
  const read = () =>
    sql.begin(
      (look) =>
        look`select string_agg(name || '=' || setting, ',' order by name) as settings from pg_settings
              where name in ('search_path', 'row_security', 'lock_timeout', 'statement_timeout', 'DateStyle', 'TimeZone',
                             'idle_in_transaction_session_timeout', 'tcp_user_timeout', 'quote_all_identifiers')`,
    );
  const rows = await Promise.all([read(), read(), read()]);
  await sql.end();
  return [...new Set(rows.map(([row]) => String(row?.settings)))];
}
