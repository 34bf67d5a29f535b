import { MANIFEST_FORMAT, manifestKey, memoryStore } from '@totesys/lake';
import { connect, type Sql, silentTelemetry } from '@totesys/runtime';
import { createTestDatabase, type TestDatabase } from '@totesys/sandbox';
import { type Dimension, totesysModel, type WarehouseColumn } from '@totesys/schema';
import { load } from '../src/load.ts';
import { endAbandonedHolder, tryLock } from '../src/load-lock.ts';
import { type BatchSpec, hashOf, type Row, writeBatch } from './processed-batch.ts';

let database: TestDatabase;
let warehouse: Sql;
let store: ReturnType<typeof memoryStore>;
let written: number;

beforeEach(async () => {
  database = await createTestDatabase();
  warehouse = await connect(database.url, { subject: 'warehouse', connections: 3, applicationName: 'test' });
  store = memoryStore();
  written = 0;
});

afterEach(async () => {
  await warehouse.end();
  await database.drop();
});

const run = (sql: Sql = warehouse) =>
  load({
    model: totesysModel,
    warehouse: sql,
    processed: store,
    telemetry: silentTelemetry,
    deadlineMs: Number.MAX_SAFE_INTEGER,
  });

const write = (spec: BatchSpec) => writeBatch(store, ++written, spec);

const dimensions: Readonly<Record<string, readonly Row[]>> = {
  dim_date: [{ date_id: 1 }],
  dim_staff: [{ staff_id: 1 }, { staff_id: 2 }],
  dim_location: [{ location_id: 1 }],
  dim_currency: [{ currency_id: 1 }],
  dim_design: [{ design_id: 1 }],
  dim_counterparty: [{ counterparty_id: 1 }],
};

const order = (id: number, row: Row = {}): Row => ({ sales_order_id: id, unit_price: 150n, ...row });

const versions = async (id: number) =>
  (
    await database.sql`select units_sold from fact_sales_order where sales_order_id = ${id} order by sales_record_id`
  ).map(({ units_sold: units }) => units);
const current = async () =>
  (await database.sql`select sales_order_id as id, units_sold as units from current_fact_sales_order order by 1`).map(
    ({ id, units }) => [id, units],
  );
const recordOrder = async () =>
  (await database.sql`select sales_order_id as id from fact_sales_order order by sales_record_id`).map(({ id }) => id);
const foreignKeys = async () =>
  (
    await database.sql`select from pg_constraint where conrelid = 'fact_sales_order'::regclass and contype = 'f' and convalidated`
  ).length;
const physical = async () =>
  database.sql`select 'f' as t, ctid::text, xmin::text, xmax::text from fact_sales_order union all select 's', ctid::text, xmin::text, xmax::text from dim_staff
               union all select 'd', ctid::text, xmin::text, xmax::text from dim_date order by 1, 2`;

describe('versions', () => {
  test.each([
    ['straight in', []],
    ['by the stage', [order(70)]],
  ] as const)('are numbered in the order of the parts, %s', async (_way, before) => {
    await write({ rows: { ...dimensions, fact_sales_order: before } });
    await write({ rows: { fact_sales_order: [40, 12, 33, 5].map((id) => order(id)) } });
    await run();
    expect(await recordOrder()).toEqual([...before.map(() => 70), 40, 12, 33, 5]);
  });

  test('a fact keeps one for each state, A, B and A again', async () => {
    await write({ rows: { ...dimensions, fact_sales_order: [order(1, { units_sold: 5 })] } });
    for (const units of [6, 6, 5]) await write({ rows: { fact_sales_order: [order(1, { units_sold: units })] } });
    expect(await run()).toMatchObject({ outcome: 'loaded', batches: [1, 2, 3, 4] });
    expect(await versions(1)).toEqual([5, 6, 5]);
    expect(await current()).toEqual([[1, 5]]);
  });

  test('a null that becomes a value, and a value that becomes null, are changes', async () => {
    for (const sales_order_id of [null, 4, null]) {
      await write({ rows: { dim_transaction: [{ transaction_id: 1, sales_order_id }] } });
      await run();
      expect(await database.sql`select sales_order_id from dim_transaction`).toMatchObject([{ sales_order_id }]);
    }
  });

  test('a batch that brings nothing new touches no row, not even its header', async () => {
    const rows = { ...dimensions, fact_sales_order: [order(1), order(2)] };
    await write({ rows });
    await run();
    const before = await physical();
    await write({ rows });
    expect(await run()).toMatchObject({ batches: [2], rows: 0 });
    expect(await physical()).toEqual(before);
  });

  test('a dimension shows the latest values, and rows that did not change stay where they are', async () => {
    await write({ rows: dimensions });
    await run();
    const [before] = await database.sql`select ctid::text, xmin::text from dim_staff where staff_id = 1`;
    await write({ rows: { dim_staff: [{ staff_id: 1 }, { staff_id: 2, location: 'York' }] } });
    expect(await run()).toMatchObject({ rows: 1 });
    expect(await database.sql`select location from dim_staff where staff_id = 2`).toMatchObject([{ location: 'York' }]);
    expect(await database.sql`select ctid::text, xmin::text from dim_staff where staff_id = 1`).toMatchObject([
      before!,
    ]);
  });

  test('many first versions at once keep the foreign keys, and are checked by them', async () => {
    const many = Array.from({ length: 25_000 }, (_, i) => order(i + 1));
    await write({ rows: { ...dimensions, fact_sales_order: many } });
    expect(await run()).toMatchObject({ held: 0 });
    expect(await foreignKeys()).toBe(9);
    expect(await current()).toHaveLength(25_000);
  });
});

test('a role that owns the database and is no superuser loads all of it', async () => {
  const name = `loader_${process.pid}_${Date.now()}`;
  const url = new URL(database.url);
  await database.sql.unsafe(
    `create role ${name} login password 'x'; alter database ${url.pathname.slice(1)} owner to ${name}`,
  );
  url.username = name;
  url.password = 'x';
  const owner = await connect(url.href, { subject: 'warehouse', connections: 2, applicationName: 'test' });
  try {
    const many = Array.from({ length: 25_000 }, (_, i) => order(i + 1));
    await write({ rows: { ...dimensions, fact_sales_order: many } });
    await write({ rows: { fact_sales_order: [order(1, { units_sold: 4 })] }, deleted: { fact_sales_order: [2] } });
    expect(await run(owner)).toMatchObject({ outcome: 'loaded', batches: [1, 2], held: 0 });
    expect(await versions(1)).toEqual([1, 4]);
    expect(await current()).toHaveLength(24_999);
    expect(await foreignKeys()).toBe(9);
  } finally {
    await owner.end();
    await database.sql.unsafe(`reassign owned by ${name} to current_user; drop owned by ${name}; drop role ${name}`);
  }
});

describe('a fact whose dimension row is missing', () => {
  test.each([[3], [25_000]])('waits among %i others, and comes with the batch that brings it', async (others) => {
    const rows = Array.from({ length: others }, (_, i) => order(i + 1));
    await write({
      rows: { ...dimensions, fact_sales_order: [...rows, order(90_000, { sales_staff_id: 7, units_sold: 3 })] },
    });
    expect(await run()).toMatchObject({ held: 1 });
    expect(await current()).toHaveLength(others);
    expect(await database.sql`select id::int, batch, missing from etl.held`).toMatchObject([
      { id: 90_000, batch: 1, missing: ['sales_staff_id'] },
    ]);
    await write({ rows: { dim_staff: [{ staff_id: 7 }] } });
    expect(await run()).toMatchObject({ held: 0 });
    expect(await versions(90_000)).toEqual([3]);
  });

  test('that come together are numbered by their ids, however they lay among those that waited', async () => {
    const waits = { sales_staff_id: 7 };
    await write({ rows: { ...dimensions, fact_sales_order: [9, 3, 6].map((id) => order(id, waits)) } });
    await write({ rows: { fact_sales_order: [order(1), ...[8, 2].map((id) => order(id, waits))] } });
    await write({ rows: { dim_staff: [{ staff_id: 7 }] } });
    expect(await run()).toMatchObject({ held: 0 });
    expect(await recordOrder()).toEqual([1, 2, 3, 6, 8, 9]);
  });

  test('never comes on top of a newer version', async () => {
    await write({ rows: { ...dimensions, fact_sales_order: [order(1, { sales_staff_id: 7, units_sold: 3 })] } });
    await write({ rows: { fact_sales_order: [order(1, { units_sold: 4 })] } });
    await write({ rows: { dim_staff: [{ staff_id: 7 }] } });
    expect(await run()).toMatchObject({ held: 0 });
    expect(await versions(1)).toEqual([4]);
  });

  test('is replaced by a newer one that waits too', async () => {
    const waits = { sales_staff_id: 7 };
    await write({ rows: { ...dimensions, fact_sales_order: [order(1, { ...waits, units_sold: 3 })] } });
    await write({ rows: { fact_sales_order: [order(1, { ...waits, units_sold: 4 })] } });
    expect(await run()).toMatchObject({ held: 1 });
    await write({ rows: { dim_staff: [{ staff_id: 7 }] } });
    expect(await run()).toMatchObject({ held: 0 });
    expect(await versions(1)).toEqual([4]);
  });

  test('lets the others of a large batch in, behind a few that were there first', async () => {
    await write({ rows: { ...dimensions, fact_sales_order: [order(1, { units_sold: 9 })] } });
    const many = Array.from({ length: 25_000 }, (_, i) => order(i + 1));
    await write({ rows: { fact_sales_order: [...many, order(90_000, { sales_staff_id: 7 })] } });
    expect(await run()).toMatchObject({ held: 1, batches: [1, 2] });
    expect(await versions(1)).toEqual([9, 1]);
    expect(await foreignKeys()).toBe(9);
  });

  test('is forgotten when its source row is deleted', async () => {
    await write({ rows: { ...dimensions, fact_sales_order: [order(1, { sales_staff_id: 7 })] } });
    await write({ deleted: { fact_sales_order: [1] } });
    await write({ rows: { dim_staff: [{ staff_id: 7 }] } });
    expect(await run()).toMatchObject({ held: 0 });
    expect(await versions(1)).toEqual([]);
  });

  test('keeps every value while it waits', async () => {
    const row = order(1, {
      sales_staff_id: 7,
      unit_price: 9_999_999_999n,
      created_time: 86_399_999_999n,
      agreed_delivery_date: 1,
    });
    await write({ rows: { ...dimensions, fact_sales_order: [row] } });
    await write({ rows: { dim_staff: [{ staff_id: 7 }] } });
    await run();
    expect(
      await database.sql`select unit_price::text, created_time::text, agreed_delivery_date::text from fact_sales_order`,
    ).toMatchObject([
      { unit_price: '99999999.99', created_time: '23:59:59.999999', agreed_delivery_date: '1970-01-02' },
    ]);
  });
});

describe('a deleted fact', () => {
  beforeEach(async () => {
    await write({ rows: { ...dimensions, fact_sales_order: [order(1), order(2)] } });
    await write({ deleted: { fact_sales_order: [1] } });
    await run();
  });

  test('is current no longer, and its history stays', async () => {
    expect(await current()).toEqual([[2, 1]]);
    expect(await versions(1)).toEqual([1]);
    expect(await database.sql`select id::int, deleted_batch, restored_batch from etl.deletion`).toMatchObject([
      { id: 1, deleted_batch: 2, restored_batch: null },
    ]);
  });

  test('is current again when it comes back the same, without a new version', async () => {
    await write({ rows: { fact_sales_order: [order(1)] } });
    await run();
    expect(await current()).toEqual([
      [1, 1],
      [2, 1],
    ]);
    expect(await versions(1)).toEqual([1]);
  });

  test('is current again when it comes back otherwise, as a new version, and can be deleted again', async () => {
    await write({ rows: { fact_sales_order: [order(1, { units_sold: 8 })] } });
    await run();
    expect(await versions(1)).toEqual([1, 8]);
    await write({ deleted: { fact_sales_order: [1] } });
    await run();
    expect(await current()).toEqual([[2, 1]]);
  });
});

describe('order and chain', () => {
  test('a second run finds nothing to do', async () => {
    await write({ rows: dimensions });
    await run();
    expect(await run()).toEqual({ outcome: 'unchanged', batches: [], rows: 0, held: 0 });
  });

  test('two loads at the same moment load each batch once', async () => {
    for (let i = 0; i < 4; i++)
      await write({ rows: { ...dimensions, fact_sales_order: [order(1, { units_sold: i })] } });
    const other = await connect(database.url, { subject: 'warehouse', connections: 3, applicationName: 'test' });
    const results = await Promise.all([run(), run(other)]);
    await other.end();
    await run();
    const loaded = results.flatMap(({ batches }) => batches);
    expect(new Set(loaded).size).toBe(loaded.length);
    expect(await versions(1)).toEqual([0, 1, 2, 3]);
  });

  test('takes a gap for what is not derived yet, and goes on once it is', async () => {
    await write({ rows: dimensions });
    await writeBatch(store, 3, { rows: { dim_staff: [{ staff_id: 9 }] } });
    expect(await run()).toMatchObject({ outcome: 'loaded', batches: [1] });
    expect(await run()).toMatchObject({ outcome: 'unchanged', batches: [] });
    await write({});
    expect(await run()).toMatchObject({ outcome: 'loaded', batches: [2, 3] });
  });

  test('refuses a batch whose predecessor is not the one that was loaded', async () => {
    await write({ rows: dimensions });
    await writeBatch(store, 2, { rows: { dim_staff: [{ staff_id: 9 }] }, previous: hashOf(55) });
    await expect(run()).rejects.toMatchObject({
      code: 'CHAIN_BROKEN',
      message: expect.stringContaining('Batch 2 of the lake'),
    });
    expect(await database.sql`select batch from etl.ledger`).toMatchObject([{ batch: 1 }]);
    expect(await database.sql`select from dim_staff where staff_id = 9`).toHaveLength(0);
  });

  test('refuses a manifest of a newer version', async () => {
    await write({ rows: dimensions });
    const body = JSON.stringify({ format: MANIFEST_FORMAT + 1, kind: 'processed', batch: 2 });
    await store.putIfAbsent(manifestKey(2), Buffer.from(body));
    await expect(run()).rejects.toMatchObject({ code: 'MANIFEST_UNREADABLE' });
    expect(await database.sql`select batch from etl.ledger`).toMatchObject([{ batch: 1 }]);
  });

  test.each<[string, (column: WarehouseColumn) => WarehouseColumn[]]>([
    ['lack one', () => []],
    ['are of another type', (column) => [{ ...column, type: { kind: 'integer' } }]],
  ])('refuses a part whose columns %s, as another model derived them', async (_how, changed) => {
    const dimStaff = totesysModel.warehouse.find(({ name }) => name === 'dim_staff') as Dimension;
    const columns = dimStaff.columns.flatMap((column) => (column.name === 'location' ? changed(column) : [column]));
    const model = { ...totesysModel, warehouse: [{ ...dimStaff, columns }] };
    await write({ rows: { dim_staff: [{ staff_id: 1 }] }, model });
    await expect(run()).rejects.toMatchObject({
      code: 'OBJECT_CORRUPT',
      message: expect.stringContaining("column 'location'"),
    });
  });

  test('passes over a batch that another load has loaded since it was found', async () => {
    await write({ rows: { ...dimensions, fact_sales_order: [order(1)] } });
    await run();
    await write({ rows: { fact_sales_order: [order(1, { units_sold: 2 })] } });
    await write({ rows: { fact_sales_order: [order(1, { units_sold: 3 })] } });
    const whole = store;
    const other = await connect(database.url, { subject: 'warehouse', connections: 2, applicationName: 'test' });
    let overtaken = false;
    store = {
      ...whole,
      find: async (key) => {
        const found = await whole.find(key);
        if (key === manifestKey(2) && !overtaken) {
          overtaken = true;
          store = whole;
          expect(await run(other)).toMatchObject({ batches: [2, 3] });
        }
        return found;
      },
    };
    expect(await run()).toMatchObject({ outcome: 'unchanged', batches: [] });
    await other.end();
    expect(await versions(1)).toEqual([1, 2, 3]);
  });

  test('yields to another load; one whose client has died is ended', async () => {
    await write({ rows: dimensions });
    await run();
    await write({ rows: { dim_staff: [{ staff_id: 9 }] } });
    const other = await connect(database.url, { subject: 'warehouse', connections: 1, applicationName: 'test' });
    let yielded: unknown;
    const holder = other.begin(async (sql) => {
      expect(await tryLock(sql)).toBe(true);
      yielded = await run();
      await endAbandonedHolder(warehouse, '0 seconds');
      await sql`select 1`;
    });
    await expect(holder).rejects.toThrow();
    await other.end();
    expect(yielded).toMatchObject({ outcome: 'yielded', batches: [] });
    expect(await run()).toMatchObject({ outcome: 'loaded', batches: [2] });
  });

  test('a load whose connection dies in the middle leaves nothing', async () => {
    await write({ rows: { ...dimensions, fact_sales_order: [order(1)] } });
    const whole = store;
    const kill = () =>
      database.sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid() and xact_start is not null and query ilike 'copy%'`;
    store = {
      ...whole,
      get: async (key) => {
        if (key.startsWith('fact_')) await kill();
        return whole.get(key);
      },
    };
    await expect(run()).rejects.toMatchObject({ name: 'PipelineError' });
    expect(await database.sql`select from dim_staff`).toHaveLength(0);
    expect(await database.sql`select from etl.ledger`).toHaveLength(0);
    store = whole;
    expect(await run()).toMatchObject({ batches: [1], held: 0 });
    expect(await versions(1)).toEqual([1]);
  });

  test('refuses a lake that is not this warehouse’s', async () => {
    await write({ rows: dimensions });
    await run();
    await database.sql`update etl.ledger set manifest_sha256 = ${hashOf(77)}`;
    await expect(run()).rejects.toMatchObject({ code: 'CHAIN_BROKEN' });
    store = memoryStore();
    await expect(run()).rejects.toMatchObject({
      code: 'CHAIN_BROKEN',
      message: expect.stringContaining('does not fit the ledger'),
    });
  });

  test('a load that dies in the middle leaves nothing, and the next one loads the batch once', async () => {
    await write({ rows: { ...dimensions, fact_sales_order: [order(1)] } });
    const whole = store;
    const facts = /^fact_sales_order/;
    store = { ...whole, get: (key) => (facts.test(key) ? Promise.reject(new Error('killed')) : whole.get(key)) };
    await expect(run()).rejects.toThrow('killed');
    expect(await database.sql`select from dim_staff`).toHaveLength(0);
    store = whole;
    await run();
    expect(await versions(1)).toEqual([1]);
  });

  test('a part that is not what its manifest says loads nothing of its batch', async () => {
    await write({ rows: { ...dimensions, fact_sales_order: [order(1)] } });
    const whole = store;
    store = {
      ...whole,
      get: async (key) => (key.startsWith('fact_') ? (await whole.get(key)).subarray(0, 100) : whole.get(key)),
    };
    await expect(run()).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
    expect(await database.sql`select from dim_staff`).toHaveLength(0);
  });
});

test('a day of the calendar that somebody changed is mended by a batch that brings its year, and not touched where it is right', async () => {
  await write({ rows: { dim_date: [{ date_id: 1 }, { date_id: 2 }] } });
  await run();
  const before = await physical();
  await write({ rows: { dim_date: [{ date_id: 1 }, { date_id: 2 }] } });
  await run();
  expect(await physical()).toEqual(before);
  const [day] =
    await database.sql`update dim_date set quarter = quarter + 5 where date_id = '1970-01-02' returning quarter`;
  await write({ rows: { dim_date: [{ date_id: 1 }] } });
  await run();
  expect(await database.sql`select (quarter + 5)::int as quarter from dim_date where date_id = '1970-01-02'`).toEqual([
    { ...day },
  ]);
});
