import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { populate } from '@totesys/sandbox';
import { totesys } from '../../../system-tests/test/built-command.ts';
import { createPipeline, type Pipeline } from '../../../system-tests/test/pipeline.ts';

let pipeline: Pipeline;

beforeAll(async () => {
  pipeline = await createPipeline();
  const { sql } = pipeline.source;
  await populate(sql, { seed: 9, salesOrders: 60, purchaseOrders: 30 });
  await pipeline.run();
  // Batches 2 to 4: A, B and A again of an order; a department moves, none of whose staff changes.
  for (const units of [111, 222, 111]) {
    await sql`update sales_order set units_sold = ${units} where sales_order_id = 9`;
    if (units === 222)
      await sql`
        update department set location = 'Moved'
         where department_id = (select department_id from staff where staff_id = 1)`;
    await pipeline.run();
  }
  // Batches 5 to 7: a payment is deleted and restored unchanged; an order is quarantined by transform, then by ingest.
  await sql`create table kept as select * from payment where payment_id = 3`;
  await sql`delete from payment where payment_id = 3`;
  await sql`update sales_order set agreed_delivery_date = 'soon' where sales_order_id = 11`;
  await pipeline.run();
  await sql`insert into payment select * from kept`;
  await sql`update sales_order set unit_price = 'NaN' where sales_order_id = 11`;
  await pipeline.run();
  await sql`update sales_order set unit_price = 1.5, agreed_delivery_date = '2030-01-31' where sales_order_id = 11`;
  await pipeline.run();
});

afterAll(async () => {
  await pipeline.close();
});

interface Story {
  readonly batch: number;
  readonly sourceClock: string;
  readonly fence: { from: { xmin: string } | null; to: { xmin: string } };
  readonly states: {
    role: string;
    object: string;
    values: Record<string, string>;
    joined: { table: string; object: string; values: Record<string, string> }[];
  }[];
  readonly deletedBy?: string;
  readonly quarantined: { by: string; object: string; values: Record<string, string> }[];
  readonly derived: { table: string; object: string }[];
}

async function explain(table: string, key: string | number, warehouse = true) {
  const environment = { LAKE: pipeline.lake, ...(warehouse && { WAREHOUSE_URL: pipeline.warehouse.url }) };
  const { code, json, stderr } = await totesys(['explain', table, String(key), '--json'], environment);
  return { code, said: stderr, json: json as Record<string, never>, batches: (json.batches ?? []) as Story[] };
}

const exists = (lake: string, key: string) => access(join(pipeline.lake, lake, key));

test('shows each version of a fact with its batch, snapshot, objects, source values and record id', async () => {
  const { code, json, batches } = await explain('fact_sales_order', 9);
  expect({ code, ...json }).toMatchObject({ code: 0, ok: true, source: 'sales_order', tables: ['fact_sales_order'] });
  expect(batches.map(({ batch }) => batch)).toEqual([1, 2, 3, 4]);
  const records = await pipeline.warehouse.sql`
    select sales_record_id as id, units_sold::text as units from fact_sales_order where sales_order_id = 9 order by 1`;
  expect(json.versions).toMatchObject(
    records.map(({ units }, i) => ({
      number: i + 1,
      batch: i + 1,
      values: { units_sold: units },
      ...(i > 0 && { changed: ['units_sold'] }),
    })),
  );
  expect(json.warehouse).toMatchObject({
    rows: records.map(({ id }, i) => ({ recordId: id, version: i + 1, isCurrent: i === 3 })),
    deletions: [],
    held: [],
  });
  for (const story of batches) {
    const [row] = await pipeline.source
      .sql`select unit_price::text as price, created_at::text as created from sales_order where sales_order_id = 9`;
    expect(story.sourceClock).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
    expect(story.fence.from === null).toBe(story.batch === 1);
    expect(story.states).toMatchObject([
      { role: 'changed', values: { sales_order_id: '9', unit_price: row!.price, created_at: row!.created } },
    ]);
    await exists('ingestion', story.states[0]!.object);
    await exists('processed', story.derived[0]!.object);
  }
});

test('shows a dimension row that changed through a joined row, with that row', async () => {
  const { json, batches } = await explain('dim_staff', 1);
  expect(batches.map(({ batch, states }) => ({ batch, role: states[0]!.role }))).toEqual([
    { batch: 1, role: 'changed' },
    { batch: 3, role: 'context' },
  ]);
  const [joined] = batches[1]!.states[0]!.joined;
  expect(joined).toMatchObject({ table: 'department', values: { location: 'Moved' } });
  await exists('ingestion', joined!.object);
  expect(json.versions).toMatchObject([{ number: 1 }, { number: 2, batch: 3, changed: ['location'] }]);
  expect(json.warehouse).toMatchObject({ rows: [{ table: 'dim_staff', recordId: null, version: 2, isCurrent: true }] });
});

test('shows a row that was deleted and restored unchanged, in the lake and in the warehouse', async () => {
  const { json, batches } = await explain('payment', 3);
  expect(batches.map(({ batch, states, deletedBy }) => [batch, states.length, deletedBy !== undefined])).toEqual([
    [1, 1, false],
    [5, 0, true],
    [6, 1, false],
  ]);
  await exists('ingestion', batches[1]!.deletedBy!);
  expect(json.versions).toHaveLength(1);
  expect(json.warehouse).toMatchObject({
    rows: [{ version: 1, isCurrent: true }],
    deletions: [{ table: 'fact_payment', deletedBatch: 5, restoredBatch: 6 }],
  });
});

test('shows quarantined values with stage, reason and exact text', async () => {
  const { json, batches } = await explain('fact_sales_order', 11);
  expect(
    batches.map(({ batch, quarantined }) => [
      batch,
      quarantined.map(({ by, values }) => [by, values.column, values.text]),
    ]),
  ).toEqual([
    [1, []],
    [5, [['transform', 'agreed_delivery_date', 'soon']]],
    [6, [['ingest', 'unit_price', 'NaN']]],
    [7, []],
  ]);
  await exists('processed', batches[1]!.quarantined[0]!.object);
  await exists('ingestion', batches[2]!.quarantined[0]!.object);
  expect(batches[2]!.quarantined[0]!.values.row).toContain('"unit_price":"NaN"');
  expect(json.quarantine).toEqual([
    { batch: 5, state: 'settled', settledBy: 6 },
    { batch: 6, state: 'settled', settledBy: 7 },
  ]);
  expect(json.versions).toMatchObject([{ batch: 1 }, { batch: 7, values: { unit_price: '1.50' } }]);
});

test('a source table selects every table derived from it; without a warehouse the lakes are enough', async () => {
  const { code, json, said } = await explain('sales_order', 9, false);
  expect({ code, ...json }).toMatchObject({ code: 0, tables: ['fact_sales_order'], warehouse: null });
  expect(said).toMatch(/Batch 3, read at .*, snapshot \d+:\d+ to \d+:\d+/);
  // After the first time only the columns that differ are printed.
  expect(said).toMatch(/changed: sales_order\/batch_date=.*\n {4}units_sold "222"\n/);
  expect(said).toMatch(/fact_sales_order version 3: fact_sales_order\/batch_date=.*\n {4}units_sold "222"\n/);
  expect((await explain('fact_purchase_order', 1)).json).toMatchObject({ ok: true, tables: ['fact_purchase_orders'] });
});

test('shows whether a row is still in quarantine or discarded', async () => {
  await pipeline.source.sql`update sales_order set agreed_payment_date = 'never' where sales_order_id in (20, 21)`;
  await pipeline.run();
  const discard = ['quarantine', 'discard', 'sales_order', '--keys', '21', '--json'];
  expect((await totesys(discard, { LAKE: pipeline.lake })).code).toBe(0);
  const states = async (key: number) => (await explain('sales_order', key)).json.quarantine;
  expect(await states(20)).toEqual([{ batch: 8, state: 'open', settledBy: null }]);
  expect(await states(21)).toEqual([{ batch: 8, state: 'discarded', settledBy: null }]);
});

test('shows held facts, and warehouse rows whose values no batch has', async () => {
  const { sql } = pipeline.warehouse;
  await sql`insert into etl.held values ('fact_sales_order', 12, 1, '{}', '{sales_staff_id}')`;
  await sql`update fact_sales_order set unit_price = 0.07 where sales_order_id = 12`;
  const { json } = await explain('fact_sales_order', 12);
  // A later load must not find this row.
  await sql`delete from etl.held where id = 12`;
  expect(json.warehouse).toMatchObject({
    rows: [{ version: null, values: { unit_price: '0.07' } }],
    held: [{ table: 'fact_sales_order', batch: 1, missing: ['sales_staff_id'] }],
  });
});

test.each([
  ['dim_date', '1', 2, /expected one of/],
  ['nonsense', '1', 2, /expected one of/],
  ['sales_order', 'seven', 2, /key is not valid/],
  ['sales_order', '99999999', 1, /No batch has a row of 'sales_order' with the key 99999999/],
])('%s %s ends with %i and names what is expected', async (table, key, expected, message) => {
  const { code, said, json } = await explain(table, key);
  expect({ code, json }).toMatchObject({
    code: expected,
    json: { ok: false, error: { message: expect.stringMatching(message) } },
  });
  expect(said).toMatch(message);
});
