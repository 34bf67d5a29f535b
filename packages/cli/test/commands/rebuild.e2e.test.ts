import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { acceptedKey, findNewestBatch } from '@totesys/lake';
import { createTestDatabase, live, populate, type TestDatabase } from '@totesys/sandbox';
import { totesys } from '../../../system-tests/test/built-command.ts';
import { createPipeline, type Pipeline } from '../../../system-tests/test/pipeline.ts';

let pipeline: Pipeline;
let fresh: TestDatabase;

beforeEach(async () => {
  pipeline = await createPipeline();
  fresh = await createTestDatabase();
});

afterEach(async () => {
  await pipeline.close();
  await fresh.drop();
});

// Every row of every table with its record id, but without the load times, which are not in the lake.
async function contentsOf({ sql }: TestDatabase): Promise<Record<string, unknown[]>> {
  const contents: Record<string, unknown[]> = {};
  const tables = await sql`
    select format('%I.%I', schemaname, tablename) as name
      from pg_tables where schemaname in ('public', 'etl') order by 1`;
  for (const { name } of tables) {
    const rows = await sql.unsafe(
      `select (to_jsonb(t) - 'loaded_at' - 'applied_at')::text as row from ${name} t order by 1`,
    );
    contents[name] = rows.map(({ row }) => row);
  }
  return contents;
}

// A history with versions, deletions, a restored row, quarantine and a held fact.
async function liveAWhile(): Promise<void> {
  const { sql } = pipeline.source;
  await populate(sql, { seed: 3, salesOrders: 200, purchaseOrders: 80 });
  await pipeline.run(150);
  for await (const { step } of live(sql, { seed: 11, steps: 24 })) if (step % 3 === 0) await pipeline.run();
  await sql`update sales_order set agreed_delivery_date = 'soon' where sales_order_id = 4`;
  await sql`create table kept as select * from payment where payment_id = (select min(payment_id) from payment)`;
  await sql`delete from payment where payment_id in (select payment_id from kept)`;
  await pipeline.run();
  await sql`update sales_order set agreed_delivery_date = '2024-05-05', unit_price = 0.01 where sales_order_id = 4`;
  await sql`insert into payment select * from kept`;
  await pipeline.run();
}

const rebuild = (...args: string[]) =>
  totesys(['rebuild', '--json', '--processed', join(pipeline.lake, 'processed'), ...args], {
    WAREHOUSE_URL: fresh.url,
  });

test('a warehouse built from the processed lake alone equals the lost one, with record ids and order', async () => {
  await liveAWhile();
  const lost = await contentsOf(pipeline.warehouse);
  expect(lost['public.fact_sales_order']!.length).toBeGreaterThan(210);
  expect(lost['etl.deletion']!.length).toBeGreaterThan(0);
  await rm(join(pipeline.lake, 'ingestion'), { recursive: true });

  const { code, json, stderr } = await rebuild();
  expect({ code, json, stderr }).toMatchObject({ code: 0, json: { ok: true, batch: lost['etl.ledger']!.length } });
  expect(await contentsOf(fresh)).toEqual(lost);
});

test('--until builds the warehouse as of that batch, and load continues from there', async () => {
  await populate(pipeline.source.sql, { seed: 3, salesOrders: 100, purchaseOrders: 40 });
  await pipeline.run(60);
  const until = await findNewestBatch(pipeline.processed);
  const then = await contentsOf(pipeline.warehouse);
  for await (const _step of live(pipeline.source.sql, { seed: 5, steps: 6 })) await pipeline.run();
  const now = await contentsOf(pipeline.warehouse);
  expect(now).not.toEqual(then);

  // As an interrupted rebuild leaves the warehouse.
  const environment = { WAREHOUSE_URL: fresh.url, PROCESSED_URI: join(pipeline.lake, 'processed') };
  expect(await rebuild('--until', '1')).toMatchObject({ code: 0, json: { ok: true, batch: 1 } });
  expect((await totesys(['load', '--until', String(until)], environment)).code).toBe(0);
  expect(await contentsOf(fresh)).toEqual(then);
  expect((await totesys(['load'], environment)).code).toBe(0);
  expect(await contentsOf(fresh)).toEqual(now);
});

test('transform derives a lost processed lake again, byte for byte', async () => {
  await liveAWhile();
  const processed = join(pipeline.lake, 'processed');
  const keep = join(pipeline.lake, 'kept');
  await cp(processed, keep, { recursive: true });
  await rm(processed, { recursive: true });
  expect((await totesys(['transform'], { LAKE: pipeline.lake })).code).toBe(0);
  const objects = (await pipeline.objects()).map((path) => path.slice(pipeline.lake.length + 1));
  const below = (folder: string) =>
    objects.filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1));
  expect(below('kept').length).toBeGreaterThan(50);
  expect(below('processed')).toEqual(below('kept'));
  for (const key of below('kept')) {
    expect({ key, same: (await readFile(join(keep, key))).equals(await readFile(join(processed, key))) }).toEqual({
      key,
      same: true,
    });
  }
});

test('a rebuild stops before a batch beyond the threshold, and continues once the batch is accepted', async () => {
  await populate(pipeline.source.sql, { seed: 3, salesOrders: 200, purchaseOrders: 10 });
  await pipeline.run();
  await pipeline.source.sql`update sales_order set agreed_payment_date = 'later' where sales_order_id <= 150`;
  await pipeline.ingest();
  await expect(pipeline.transformAndLoad()).rejects.toMatchObject({ code: 'QUARANTINE_THRESHOLD' });

  expect(await rebuild()).toMatchObject({ code: 1, json: { error: { code: 'QUARANTINE_THRESHOLD' } } });
  await fresh.drop();
  fresh = await createTestDatabase();
  await pipeline.processed.putIfAbsent(acceptedKey(2), Buffer.from('{}'));
  expect(await rebuild()).toMatchObject({ code: 0, json: { ok: true, batch: 2 } });
  expect(await fresh.sql`select from etl.ledger`).toHaveLength(2);
});

describe('refuses without an effect', () => {
  const contents = async () =>
    fresh.sql`select schemaname, tablename from pg_tables where schemaname in ('public', 'etl')`;

  test('a warehouse that has a batch, and names how to continue', async () => {
    await populate(pipeline.source.sql, { seed: 3, salesOrders: 20, purchaseOrders: 5 });
    await pipeline.run();
    expect((await rebuild()).code).toBe(0);
    const before = await contentsOf(fresh);
    const { code, json } = await rebuild();
    expect({ code, error: json.error }).toMatchObject({
      code: 1,
      error: { code: 'WAREHOUSE_NOT_EMPTY', message: expect.stringMatching(/batch 1\..*totesys load/s) },
    });
    expect(await contentsOf(fresh)).toEqual(before);
  });

  test('a warehouse with foreign rows', async () => {
    await populate(pipeline.source.sql, { seed: 3, salesOrders: 20, purchaseOrders: 5 });
    await pipeline.run();
    await fresh.sql`create table dim_currency (currency_id int primary key, currency_code text, currency_name text)`;
    await fresh.sql`insert into dim_currency values (9, 'XXX', 'None')`;
    expect(await rebuild()).toMatchObject({ code: 1, json: { error: { code: 'WAREHOUSE_NOT_EMPTY' } } });
    expect(await contents()).toHaveLength(1);
  });

  test('a lake without a batch, and a batch beyond the newest', async () => {
    expect(await rebuild()).toMatchObject({
      code: 1,
      json: { error: { code: 'OBJECT_MISSING', message: expect.stringContaining('totesys transform') } },
    });
    await populate(pipeline.source.sql, { seed: 3, salesOrders: 20, purchaseOrders: 5 });
    await pipeline.run();
    expect(await rebuild('--until', '7')).toMatchObject({
      code: 2,
      json: { error: { message: expect.stringContaining('batch 1') } },
    });
    expect(await contents()).toHaveLength(0);
  });
});
