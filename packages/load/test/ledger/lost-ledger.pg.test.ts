import { silentTelemetry } from '@totesys/runtime';
import { createTestRole } from '@totesys/sandbox';
import { createLoadedWarehouse, dimensions, type LoadedWarehouse, order } from '../loaded-warehouse.ts';

let warehouse: LoadedWarehouse;

beforeEach(async () => {
  warehouse = await createLoadedWarehouse();
});

afterEach(() => warehouse.close());

const sql = () => warehouse.database.sql;
const notEmpty = (message: RegExp) => ({ code: 'WAREHOUSE_NOT_EMPTY', message: expect.stringMatching(message) });
const copyOf = (id: number, recordId: string) =>
  `insert into fact_sales_order select r.* from fact_sales_order f,
     lateral jsonb_populate_record(f, jsonb_build_object('sales_record_id', ${recordId})) r
    where f.sales_order_id = ${id}`;
const NEGATED = 'update fact_sales_order set sales_record_id = -sales_record_id';
const NEXT = "nextval('fact_sales_order_sales_record_id_seq')";

/** Three versions of order 1 and one of order 2, in three batches. */
async function bringHistory(): Promise<void> {
  await warehouse.bring({ rows: { ...dimensions, fact_sales_order: [order(1), order(2)] } });
  await warehouse.bring({ rows: { fact_sales_order: [order(1, { units_sold: 4 })] } });
  await warehouse.bring({ rows: { fact_sales_order: [order(1, { units_sold: 1 })] } });
  expect(await warehouse.versions(1)).toEqual([1, 4, 1]);
}

describe('facts that the ledger does not know are not loaded again', () => {
  beforeEach(bringHistory);

  test.each([
    ['its schema is dropped', 'drop schema etl cascade'],
    ['its tables are empty', 'truncate etl.ledger, etl.deletion, etl.held, etl.migration, etl.comment'],
    ['it is dropped alone', 'drop table etl.ledger'],
    ['its schema is dropped, and the facts are numbered downwards', `drop schema etl cascade; ${NEGATED}`],
    ['it comes from an older dump', 'delete from etl.ledger where batch > 1'],
    ['it lacks the newest batch', 'delete from etl.ledger where batch = 3'],
    ['a row was inserted by hand', copyOf(2, NEXT)],
    ['a row was inserted far above', copyOf(2, '70000')],
  ])('%s', async (_what, statement) => {
    await sql().unsafe(statement);
    const before = await sql()`select * from fact_sales_order order by sales_record_id`;
    await expect(warehouse.run()).rejects.toMatchObject(notEmpty(/'public.fact_sales_order'.* up to -?\d+/));
    await warehouse.write({ rows: { fact_sales_order: [order(2, { units_sold: 9 })] } });
    await expect(warehouse.run()).rejects.toMatchObject(notEmpty(/totesys rebuild/));
    expect([...(await sql()`select * from fact_sales_order order by sales_record_id`)]).toEqual([...before]);
  });

  test.each(['etl.deletion', 'etl.held'])('a lost %s is not replaced by an empty table', async (table) => {
    await sql().unsafe(`drop table ${table} cascade`);
    for (const statement of ['select', 'truncate etl.migration']) {
      await sql().unsafe(statement);
      await expect(warehouse.run()).rejects.toMatchObject({
        code: 'WAREHOUSE_UNFIT',
        message: expect.stringMatching(new RegExp(`'${table}'.* is missing.*Restore`)),
      });
      expect(await sql()`select to_regclass(${table}) as found`).toEqual([{ found: null }]);
    }
  });

  test('views that were lost with the schema etl are created again after a restore of its tables', async () => {
    await sql().unsafe(`drop view current_fact_sales_order, fact_purchase_order`);
    await warehouse.run();
    expect(await sql()`select units_sold from current_fact_sales_order order by 1`).toEqual([
      { units_sold: 1 },
      { units_sold: 1 },
    ]);
    expect(await sql()`select from fact_purchase_order`).toEqual([]);
  });

  test('an adoption accepts no rows once the ledger has a batch', async () => {
    await sql()`delete from etl.ledger where batch > 1`;
    await expect(warehouse.run({ adopt: true })).rejects.toMatchObject(notEmpty(/batch 1, and it knows them up to 2/));
    expect(await sql()`select from etl.adoption`).toHaveLength(0);
  });

  test('record ids that a failed load used up do no harm', async () => {
    await sql().unsafe(`select ${NEXT}, ${NEXT}`);
    expect(await warehouse.bring({ rows: { fact_sales_order: [order(2, { units_sold: 9 })] } })).toMatchObject({
      batches: [4],
    });
    expect(await warehouse.versions(2)).toEqual([1, 9]);
  });

  test.each([
    ['is set back', "select setval('fact_sales_order_sales_record_id_seq', 2)"],
    ['starts again', 'alter sequence fact_sales_order_sales_record_id_seq restart'],
    ['starts again with an empty fact', 'truncate fact_sales_order restart identity'],
  ])('a sequence that %s stops the load: the next version would not be the latest', async (_what, statement) => {
    await sql()`delete from fact_sales_order where sales_record_id = 3`;
    await sql().unsafe(statement);
    await expect(warehouse.bring({ rows: { fact_sales_order: [order(2, { units_sold: 9 })] } })).rejects.toMatchObject({
      code: 'WAREHOUSE_UNFIT',
      message: expect.stringMatching(/sequence at 4 or beyond/),
    });
    await sql()`select setval('fact_sales_order_sales_record_id_seq', 4)`;
    expect(await warehouse.run()).toMatchObject({ batches: [4] });
    const [newest] = await sql()`select max(sales_record_id) as id from fact_sales_order`;
    expect(newest!.id).toBe(5);
  });

  test('the newest entry of an older ledger gets its record ids once, with a warning', async () => {
    await sql().unsafe('update etl.ledger set last_record_ids = null; delete from etl.migration');
    const warnings: unknown[] = [];
    const telemetry = {
      ...silentTelemetry,
      warn: (event: string, fields?: object) => void warnings.push([event, fields]),
    };
    await warehouse.run({ telemetry });
    await warehouse.run({ telemetry });
    const lastRecordIds = { fact_sales_order: 4, fact_purchase_orders: null, fact_payment: null };
    expect(warnings).toEqual([['ledger:completed', { batch: 3, lastRecordIds }]]);
    await sql().unsafe(copyOf(2, NEXT));
    await expect(warehouse.run()).rejects.toMatchObject(notEmpty(/batch 3, and it knows them up to 4/));
  });
});

describe('rows from before the first batch', () => {
  // Tables as the contract has them, with the rows of another program, and no schema etl.
  beforeEach(async () => {
    await warehouse.bring({ rows: { ...dimensions, fact_sales_order: [order(1), order(2)] } });
    await sql()`drop schema etl cascade`;
    warehouse.restart();
    await warehouse.write({
      rows: { ...dimensions, fact_sales_order: [order(1), order(2, { units_sold: 9 }), order(3)] },
    });
  });

  test('stop the load with an error that has the remedy', async () => {
    await expect(warehouse.run()).rejects.toMatchObject(notEmpty(/the ledger has no batch.*totesys load --adopt/));
    expect(await warehouse.ledger()).toEqual([]);
  });

  test('are adopted if the owner asks for it: the first batch adds the versions that differ', async () => {
    const result = await warehouse.run({ adopt: true });
    expect(result).toMatchObject({ outcome: 'loaded', batches: [1], adopted: { fact_sales_order: 2 } });
    expect([await warehouse.versions(1), await warehouse.versions(2)]).toEqual([[1], [1, 9]]);
    expect(await sql()`select last_record_ids as ids, adopted_at < now() as past from etl.adoption`).toEqual([
      { ids: { fact_sales_order: 2, fact_purchase_orders: null, fact_payment: null }, past: true },
    ]);
    expect(await warehouse.run({ adopt: true })).toMatchObject({ outcome: 'unchanged', adopted: {} });
    expect(await sql()`select from etl.adoption`).toHaveLength(1);
  });

  test('are as of every batch: their dimension rows have an unknown start', async () => {
    await warehouse.run({ adopt: true });
    await warehouse.bring({ rows: { dim_staff: [{ staff_id: 2, first_name: 'New' }] } });
    const current = await sql()`select * from current_fact_sales_order order by 1`;
    for (const batch of [1, 2]) {
      expect([...(await sql()`select * from fact_sales_order_as_of(${batch}) order by 1`)]).toEqual([...current]);
    }
    const [one] = await sql()`select first_name from dim_staff_as_of(1) where staff_id = 2`;
    const states = await sql()`
      select first_name, from_batch, until_batch from dim_staff_states() where staff_id = 2 order by until_batch`;
    expect(states.map((row) => Object.values(row))).toEqual([
      [one!.first_name, null, 2],
      ['New', 2, null],
    ]);
  });

  test('are adopted once: a row that is inserted between the adoption and the first batch stops the load', async () => {
    await warehouse.run({ adopt: true, until: 0 });
    await sql().unsafe(copyOf(2, NEXT));
    await expect(warehouse.run()).rejects.toMatchObject(notEmpty(/up to 3; .* knows them up to 2/));
    await sql()`delete from fact_sales_order where sales_record_id = 3`;
    expect(await warehouse.run()).toMatchObject({ outcome: 'loaded', batches: [1] });
  });

  test('are not adopted for a role that does not own the table', async () => {
    const role = await createTestRole(
      warehouse.database,
      (name) => `create schema etl authorization ${name}; grant all on schema public to ${name};
        grant all on all tables in schema public to ${name}; grant all on all sequences in schema public to ${name}`,
    );
    await warehouse.run({ until: 0 }).catch(() => {});
    await sql().unsafe(`grant all on all tables in schema etl, public to ${role.name}`);
    const other = await warehouse.connect(role);
    await expect(warehouse.run({ warehouse: other, adopt: true })).rejects.toMatchObject({
      code: 'WAREHOUSE_FORBIDDEN',
      message: expect.stringMatching(/does not own table 'public.fact_sales_order'.*owner's URL/),
    });
    expect(await sql()`select from etl.adoption`).toHaveLength(0);
    await other.end({ timeout: 1 });
    await sql().unsafe(`drop owned by ${role.name} cascade`);
    await role.drop();
  });

  test('an empty warehouse has nothing to adopt', async () => {
    await sql()`truncate fact_sales_order`;
    expect(await warehouse.run({ adopt: true })).toMatchObject({ outcome: 'loaded', adopted: {} });
    expect(await sql()`select from etl.adoption`).toHaveLength(0);
  });
});
