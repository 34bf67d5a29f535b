import { writeRequest } from '@totesys/lake';
import { connect } from '@totesys/runtime';
import { createTestRole } from '@totesys/sandbox';
import { totesysModel } from '@totesys/schema';
import { planIngest } from '../src/ingest.ts';
import { hookPool } from './hints/hooked-pool.ts';
import { createIngestedSource, type IngestedSource } from './ingested-source.ts';

let source: IngestedSource;

beforeEach(async () => {
  source = await createIngestedSource();
});

afterEach(() => source.close());

const sql = () => source.database.sql;
const plan = (pool = source.reader) => planIngest({ model: totesysModel, source: pool, ingestion: source.store });
const planned = async (table: string) => (await plan()).tables.find((each) => each.table === table);

test('before the first batch it expects the rows of each table, and a part of them after a small batch', async () => {
  expect(await plan()).toMatchObject({ newestBatch: 0, stops: [], unknown: [], readAgain: [] });
  expect(await planned('sales_order')).toEqual({
    table: 'sales_order',
    known: 0,
    coverage: 'none',
    uncovered: { rows: 100, isEstimate: false },
  });
  while (typeof (await planned('sales_order'))?.coverage !== 'object') await source.run({ batchRows: 30 });
  const { known, uncovered } = (await planned('sales_order'))!;
  expect(known).toBeGreaterThan(0);
  expect(uncovered).toEqual({ rows: 100 - known, isEstimate: false });
});

test('more rows than it counts are the estimate of the planner', async () => {
  await sql()`insert into currency select g, 'GBP', now(), now() from generate_series(2, 150000) g`;
  await sql()`analyze currency`;
  const { uncovered } = (await planned('currency'))!;
  expect(uncovered).toEqual({ rows: expect.any(Number), isEstimate: true });
  expect(Math.abs(uncovered!.rows - 150_000)).toBeLessThan(5_000);
});

test('it counts what the next run carries, and nothing that a batch has carried', async () => {
  await source.runAll();
  await sql()`update sales_order set units_sold = units_sold + 1 where sales_order_id <= 7`;
  await sql()`delete from sales_order where sales_order_id > 98`;
  const found = (await planned('sales_order'))!;
  expect(found).toMatchObject({ coverage: 'full', changed: 7, deleted: 2 });
  expect(await source.run()).toMatchObject({ rows: 7, deleted: 2 });
  const after = await plan();
  expect(after.tables.filter(({ changed, deleted }) => changed !== 0 || deleted !== 0)).toEqual([]);
});

test('it names each difference of the schema, and what it means for the next run', async () => {
  await source.runAll();
  await sql().unsafe(`
    alter table design add column colour text;
    alter table department drop column manager;
    alter table department add column manager text default 'x';
    alter table staff rename column email_address to email;
    alter table staff alter column first_name type integer using 1;
    drop table payment;
    alter type "PaymentTypeName" add value 'BARTER'`);
  const { stops, readAgain, compatible, tables } = await plan();
  expect(stops.map(({ code, context: { table, column } }) => [code, table, column]).sort()).toEqual([
    ['SOURCE_COLUMN_MISSING', 'staff', 'email_address'],
    ['SOURCE_COLUMN_RETYPED', 'staff', 'first_name'],
    ['SOURCE_LABEL_UNKNOWN', 'payment_type', 'payment_type_name'],
    ['SOURCE_TABLE_MISSING', 'payment', undefined],
  ]);
  expect(readAgain).toEqual([expect.stringContaining("Table 'department' has changed and is read again")]);
  expect(compatible).toContainEqual(expect.stringContaining("Column 'colour' of table 'design'"));
  expect(tables.find(({ table }) => table === 'department')).toMatchObject({
    coverage: 'none',
    uncovered: { rows: 4 },
  });
  await expect(source.run()).rejects.toMatchObject({ code: expect.stringMatching(/^SOURCE_/) });
});

test('it names requests, those that no run can answer, and deletions that need an acceptance', async () => {
  await sql()`insert into currency select g, 'GBP', now(), now() from generate_series(2, 3000) g`;
  await source.runAll();
  const id = await source.ask('sales_order', [1, 9]);
  await source.store.putIfAbsent('_requests/0000000002.json', Buffer.from('{}'));
  await sql()`delete from currency where currency_id > 1500`;
  const found = await plan();
  expect(found.requests).toEqual([
    { id, kind: 'repair', tables: ['sales_order'] },
    { id: '0000000002', kind: 'postponed', tables: [] },
  ]);
  expect(found.unanswerable).toEqual([expect.stringContaining('0000000002')]);
  expect(found.stops.map(({ code }) => code)).toEqual(['DELETES_UNUSUAL']);
  await writeRequest(source.store, { kind: 'accept-deletes', table: 'currency' });
  expect((await plan()).stops).toEqual([]);
});

test('a table without the right SELECT is a stop, and the others are counted', async () => {
  await source.runAll();
  const all = totesysModel.source.filter(({ name }) => name !== 'staff').map(({ name }) => `"${name}"`);
  const role = await createTestRole(source.database, (name) => `grant select on ${all.join(', ')} to ${name}`);
  const reader = await connect(role.url, { subject: 'source', connections: 1, applicationName: 'test' });
  try {
    const { stops, tables } = await plan(reader);
    expect(stops).toMatchObject([{ code: 'SOURCE_FORBIDDEN', context: { table: 'staff' } }]);
    expect(tables.filter(({ changed }) => changed === undefined).map(({ table }) => table)).toEqual(['staff']);
  } finally {
    await reader.end();
    await role.drop();
  }
});

test('it takes no advisory lock, and while it reads a table it holds no lock on another', async () => {
  await source.runAll();
  const locked = new Map<string, string[]>();
  const statements: string[] = [];
  const watched = hookPool(source.reader, (statement) => {
    statements.push(statement);
    const table = /count\(\*\).*from public\."(\w+)" t/s.exec(statement)?.[1];
    if (table === undefined) return undefined;
    return sql()`
      select relation::regclass::text as name from pg_locks l join pg_class c on c.oid = l.relation
       where c.relnamespace = 'public'::regnamespace and l.pid <> pg_backend_pid()
         and l.database = (select oid from pg_database where datname = current_database())`.then((rows) =>
      locked.set(
        table,
        rows.map(({ name }) => name as string),
      ),
    );
  });
  await plan(watched);
  expect(Object.fromEntries(locked)).toEqual(Object.fromEntries(totesysModel.source.map(({ name }) => [name, []])));
  expect(statements.filter((text) => /lock table|advisory_(xact_)?lock/i.test(text))).toEqual([]);
});

test('a table that another session has locked is not waited for, and no run is kept waiting', async () => {
  await source.runAll();
  await sql().begin(async (owner) => {
    await owner`lock table staff in access exclusive mode`;
    const { stops, unknown, tables } = await plan();
    expect(stops).toEqual([]);
    expect(unknown).toContainEqual(expect.stringContaining("Table 'public.staff'"));
    expect(tables.filter(({ changed }) => changed === undefined).map(({ table }) => table)).toEqual(['staff']);
  });
});
