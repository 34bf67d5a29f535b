import {
  type Cluster,
  createTotesysSchema,
  damageText,
  findFullPostgres,
  populate,
  startCluster,
} from '@totesys/sandbox';
import { compare } from '../../../reconcile/test/rows/compare.ts';
import { totesys } from '../built-command.ts';
import { createPipeline, expectEqual, type Pipeline } from '../pipeline.ts';
import { createSource, sourceOf } from './cluster-source.ts';

let pipeline: Pipeline;

const source = () => pipeline.source.sql;
const places = () => [
  ...['--source', pipeline.source.url],
  ...['--warehouse', pipeline.warehouse.url],
  ...['--lake', pipeline.lake],
];
const unitsOf = async (id: number) =>
  (
    await pipeline.warehouse
      .sql`select units_sold from fact_sales_order where sales_order_id = ${id} order by sales_record_id`
  ).map(({ units_sold: units }) => units);
const quarantined = (table: string, ...ids: number[]) => ids.map((id) => ({ table, id, excuse: 'quarantined' }));

async function expectReconciled(excused: unknown[]): Promise<void> {
  const { differences, unread, result } = await compare(pipeline);
  expect({ differences, unread, excused: result.findings.excused }).toEqual({ differences: [], unread: [], excused });
}

describe('a text that is damaged in its TOAST table', () => {
  beforeEach(async () => {
    pipeline = await createPipeline();
    await populate(source(), { seed: 7, salesOrders: 40, purchaseOrders: 20 });
    await pipeline.run();
  });

  afterEach(() => pipeline.close());

  const damage = (table: string, column: string, key: number) => damageText(source(), { table, column, key });

  test('of an order delays no other row, and the order arrives once it can be read', async () => {
    const [before] = await unitsOf(12);
    await damage('sales_order', 'agreed_payment_date', 12);
    await source()`update sales_order set units_sold = 7777 where sales_order_id in (11, 12, 13)`;
    await source()`update design set design_name = 'new'`;
    await pipeline.run();
    expect([(await unitsOf(11)).at(-1), (await unitsOf(13)).at(-1)]).toEqual([7777, 7777]);
    expect(await unitsOf(12)).toEqual([before]);
    await expectReconciled(quarantined('fact_sales_order', 12));
    expect(await pipeline.ingest()).toMatchObject({ outcome: 'unchanged' });
    await source()`update sales_order set agreed_payment_date = '2024-05-05' where sales_order_id = 12`;
    await pipeline.run();
    await expectEqual(pipeline);
    await expectReconciled([]);
  });

  test('of a dimension row leaves its last state, and rows that join to it arrive', async () => {
    await damage('department', 'department_name', 2);
    await damage('address', 'address_line_1', 5);
    await source()`update staff set first_name = 'new'`;
    await source()`update counterparty set counterparty_legal_name = 'new'`;
    await pipeline.run();
    const staff = await source()`select staff_id as id from staff where department_id = 2 order by 1`;
    const parties =
      await source()`select counterparty_id as id from counterparty where legal_address_id = 5 order by 1`;
    const { differences, result } = await compare(pipeline);
    expect(differences).toEqual([]);
    expect(result.findings.excused).toHaveLength(staff.length + parties.length + 1);
    expect(result.findings.excused).toEqual(
      expect.arrayContaining([
        ...quarantined('dim_staff', ...staff.map(({ id }) => id)),
        ...quarantined('dim_counterparty', ...parties.map(({ id }) => id)),
        ...quarantined('dim_location', 5),
      ]),
    );
    const [staffed] = await pipeline.warehouse
      .sql`select count(*)::int as rows from dim_staff where first_name = 'new'`;
    expect(staffed!.rows).toBe((await source()`select from staff`).length);
    await source()`update department set department_name = 'again' where department_id = 2`;
    await source()`update address set address_line_1 = 'again' where address_id = 5`;
    await pipeline.run();
    await expectEqual(pipeline);
  });

  test('in a column outside the warehouse is listed by reconcile, too', async () => {
    await damage('department', 'manager', 2);
    await source()`update department set department_name = 'new' where department_id in (2, 3)`;
    await pipeline.run();
    const staff = await source()`select staff_id as id from staff where department_id = 2 order by 1`;
    await expectReconciled(quarantined('dim_staff', ...staff.map(({ id }) => id)));
    await source()`update department set manager = 'again' where department_id = 2`;
    await pipeline.run();
    await expectEqual(pipeline);
  });

  test('is listed, shown, explained, replayed and discarded by the commands', async () => {
    await damage('sales_order', 'agreed_payment_date', 12);
    await pipeline.run();
    const run = (...args: string[]) => totesys([...args, '--json', ...places()]);
    const listed = await run('quarantine', 'list');
    expect(listed.json.groups).toEqual([
      expect.objectContaining({
        table: 'sales_order',
        column: 'agreed_payment_date',
        reason: 'unreadable in the source: SQLSTATE XX001',
        keys: [[12, 12]],
      }),
    ]);
    const shown = await run('quarantine', 'show', 'sales_order', '12');
    expect(shown).toMatchObject({ code: 0, json: { values: [{ text: null }] } });
    const explained = await run('explain', 'sales_order', '12');
    expect(explained.code).toBe(0);
    expect(explained.stderr + explained.stdout).toContain('SQLSTATE XX001');
    expect(await run('quarantine', 'replay')).toMatchObject({ code: 0, json: { rows: 1 } });
    const again = await run('run');
    expect(again).toMatchObject({ code: 0 });
    expect((await run('quarantine', 'list')).json).toMatchObject({ rows: 1, batch: 3 });
    expect(await run('quarantine', 'discard', 'sales_order', '--keys', '12')).toMatchObject({ code: 0 });
    expect((await run('quarantine', 'list')).json).toMatchObject({ rows: 0, discarded: 1 });
    expect((await run('reconcile')).code).toBe(0);
  });
});

const programs = await findFullPostgres({ atLeast: 18 });
const describeOn18 = typeof programs === 'string' ? describe : describe.skip;
// biome-ignore lint/suspicious/noConsole: a skipped suite says why.
if (typeof programs !== 'string') console.warn(`Skipped, no virtual generated columns: ${programs.missing}`);

describeOn18('a virtual generated column that fails on a row', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    if (typeof programs === 'string') cluster = await startCluster({ programs });
  });

  beforeEach(async () => {
    pipeline = await createPipeline(undefined, await createSource(cluster));
  });

  afterEach(async () => {
    await pipeline.close();
    await cluster.dropDatabase('totesys');
  });

  afterAll(() => cluster?.stop());

  test('puts that row into quarantine, and the row arrives once the expression is corrected', async () => {
    await source().unsafe(`alter table sales_order drop column units_sold, add column dozens int not null default 12;
      alter table sales_order add column units_sold int generated always as (dozens * 12 / (sales_order_id - 12)) virtual`);
    await pipeline.run();
    expect(await pipeline.warehouse.sql`select from fact_sales_order`).toHaveLength(39);
    await expectReconciled(quarantined('fact_sales_order', 12));
    await source()`alter table sales_order alter column units_sold set expression as (dozens * 12)`;
    await pipeline.run();
    await expectEqual(pipeline);
    await expectReconciled([]);
  });

  test('in a column by which tables join, stops neither of them', async () => {
    await source().unsafe(`alter table staff drop column department_id, add column place int not null default 2;
      update staff set place = 3 where staff_id > 5;
      alter table staff add column department_id int generated always as (place + 0 / (staff_id - 4)) virtual`);
    await pipeline.run();
    await source()`update department set department_name = 'new' where department_id = 2`;
    await pipeline.run();
    const [named] = await pipeline.warehouse
      .sql`select count(*)::int as rows from dim_staff where department_name = 'new'`;
    expect(named!.rows).toBe(4);
    expect(await pipeline.warehouse.sql`select from dim_staff where staff_id = 4`).toHaveLength(0);
  });

  test('in every row stops the run with an error', async () => {
    await source().unsafe(`insert into design (design_name, file_location, file_name, last_updated)
        select 'd', 'a', 'b', now() from generate_series(1, 200);
      alter table design drop column file_name, add column file_name text generated always as ((design_id / (design_id - design_id))::text) virtual`);
    await expect(pipeline.run()).rejects.toMatchObject({
      code: 'SOURCE_ROW_UNREADABLE',
      message: expect.stringMatching(
        /^Table 'design' has more than 100 rows that the source cannot read: key 1, 2, .*22012: division by zero/,
      ),
    });
  });
});

test('bytes that are not UTF-8, in a database of encoding SQL_ASCII, put their row into quarantine', async () => {
  const cluster = await startCluster();
  try {
    const postgres = sourceOf(cluster, 'postgres');
    await postgres.sql.unsafe(`create database totesys encoding 'SQL_ASCII' locale 'C' template template0`);
    await postgres.drop();
    pipeline = await createPipeline(undefined, sourceOf(cluster));
    await createTotesysSchema(source());
    await populate(source(), { seed: 7, salesOrders: 40, purchaseOrders: 20 });
    await source().unsafe(
      `update sales_order set agreed_payment_date = convert_from('\\xff'::bytea, 'SQL_ASCII') where sales_order_id ` +
        '= 12',
    );
    await source().unsafe(
      `update design set design_name = convert_from('\\xfffe'::bytea, 'SQL_ASCII') where design_id = 2`,
    );
    await pipeline.run();
    expect(
      await pipeline.warehouse.sql`select from fact_sales_order where sales_order_id <> 12 and design_id <> 2`,
    ).toHaveLength((await source()`select from sales_order where sales_order_id <> 12 and design_id <> 2`).length);
    const { differences, result } = await compare(pipeline);
    expect(differences).toEqual([]);
    expect(result.findings.excused).toEqual(
      expect.arrayContaining([...quarantined('fact_sales_order', 12), ...quarantined('dim_design', 2)]),
    );
    await pipeline.close();
  } finally {
    await cluster.stop();
  }
});
