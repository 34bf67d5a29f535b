import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from '@totesys/runtime';
import { createTestRole, populate, type TestDatabase, type TestRole } from '@totesys/sandbox';
import { latestTablesOf, totesysModel } from '@totesys/schema';
import { tryIngestLock } from '@totesys/source';
import { tryLoadLock } from '../../../load/src/ledger/load-lock.ts';
import { totesys } from '../../../system-tests/test/built-command.ts';
import { createPipeline, type Pipeline, physicalState } from '../../../system-tests/test/pipeline.ts';

let pipeline: Pipeline;
let places: Record<string, string>;

beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(pipeline.source.sql, { seed: 5, salesOrders: 300, purchaseOrders: 100 });
  ({ places } = pipeline);
});

afterEach(() => pipeline.close());

const source = () => pipeline.source.sql;
const warehouse = () => pipeline.warehouse.sql;

interface Planned {
  readonly ingest: { tables: { table: string; expected: { rows: number; isEstimate: boolean } }[] };
  readonly load: { migration: { relation: string; change: string }[] };
}

const plan = async (options: readonly string[] = [], environment = places) => {
  const { code, json, stdout, stderr } = await totesys(['plan', '--json', ...options], environment);
  const found: Record<string, unknown> = { code, stdout, stderr, ...json };
  return found as Planned & Record<string, unknown>;
};

test('plan names what the first run reads and creates, and after it nothing is left to do', async () => {
  const first = await plan();
  expect(first).toMatchObject({ code: 0, ok: true, isDue: true, stops: [] });
  const expected = first.ingest.tables.reduce((sum, { expected: { rows } }) => sum + rows, 0);
  const created = first.load.migration.filter(({ change }) => change === 'create table').length;
  expect(created).toBe(totesysModel.warehouse.length + 7 + latestTablesOf(totesysModel).length);
  expect((await plan(['--detailed-exitcode'])).code).toBe(3);

  expect((await totesys(['ingest', '--json'], places)).json).toMatchObject({ rows: expected });
  expect(await plan()).toMatchObject({ transform: { batches: 1 }, load: { batches: [] } });
  expect((await totesys(['transform'], places)).code).toBe(0);
  expect(await plan()).toMatchObject({ transform: { batches: 0 }, load: { batches: [{ batch: 1 }] } });
  expect((await totesys(['load'], places)).code).toBe(0);
  expect(await plan(['--detailed-exitcode'])).toMatchObject({ code: 0, ok: true, isDue: false });
  const { stdout } = await totesys(['plan'], places);
  for (const line of [
    'ingest     has nothing to read',
    'transform  has no batch to derive',
    'load       has no batch',
  ]) {
    expect(stdout).toContain(line);
  }
});

test('plan says why batches wait: a blocked one, a group, held rows, and a source that has lost a column', async () => {
  await pipeline.run();
  await source()`update sales_order set agreed_payment_date = 'tbd' where sales_order_id <= 200`;
  await pipeline.ingest();
  await expect(pipeline.transformAndLoad()).rejects.toMatchObject({ code: 'QUARANTINE_THRESHOLD' });
  await source()`update sales_order set units_sold = 77 where sales_order_id = 300`;
  await pipeline.ingest();
  await totesys(['transform'], places);
  expect(await plan()).toMatchObject({
    code: 0,
    load: {
      batches: [],
      blocked: { batch: 2, code: 'QUARANTINE_THRESHOLD', message: expect.stringMatching(/batch accept 2/) },
    },
  });
  await source()`update sales_order set agreed_payment_date = '2024-05-06' where sales_order_id <= 200`;
  await pipeline.ingest();
  await totesys(['transform'], places);
  const group = { group: [2, 4] };
  expect(await plan()).toMatchObject({ load: { blocked: null, batches: [group, group, group] } });
  await warehouse()`insert into etl.held values ('fact_payment', 1, 1, '{}', '{transaction_id}')`;
  await source()`alter table design drop column file_name`;
  const { stdout } = await totesys(['plan'], places);
  expect(stdout).toContain('batches 2-4 load together');
  expect(stdout).toContain('1 row of fact_payment held until dimension rows arrive for transaction_id');
  expect(stdout).toMatch(
    /ingest {5}will stop.*\n {11}stop {3}Column 'file_name' of table 'design' is not in the source/,
  );
});

/** A role that may read every table of a database and do nothing else. */
function reader(database: TestDatabase): Promise<TestRole> {
  const grants = (role: string, schema: string) =>
    `grant usage on schema ${schema} to ${role}; grant select on all tables in schema ${schema} to ${role};`;
  return createTestRole(database, (role) => `${grants(role, 'public')} ${grants(role, 'etl')}`);
}

const objects = async () => {
  const entries = await readdir(pipeline.lake, { recursive: true });
  return await Promise.all(
    entries.sort().map(async (entry) => {
      const { size, mtimeMs } = await stat(join(pipeline.lake, entry));
      return { entry, size, mtimeMs };
    }),
  );
};

test('plan writes nothing, and needs no right but SELECT', async () => {
  await source()`create schema etl`;
  await pipeline.run();
  await source()`update sales_order set units_sold = 77 where sales_order_id = 300`;
  await pipeline.ingest();
  await warehouse()`delete from etl.migration`;
  const roles = [await reader(pipeline.source), await reader(pipeline.warehouse)];
  const sequences = () => warehouse()`select sequencename, last_value from pg_sequences order by 1`;
  const state = async () => [await objects(), await physicalState(pipeline), [...(await sequences())]];
  try {
    const before = await state();
    const [from, to] = roles.map(({ url }) => url);
    expect(await plan([], { ...places, SOURCE_URL: from!, WAREHOUSE_URL: to! })).toMatchObject({
      code: 0,
      isDue: true,
      transform: { batches: 1 },
    });
    expect(await state()).toEqual(before);
  } finally {
    for (const role of roles) await role.drop();
  }
});

test('plan works while an ingest and a load hold their locks, and says so', async () => {
  await pipeline.run();
  await source()`update sales_order set units_sold = 77 where sales_order_id = 300`;
  const holders = await Promise.all(
    [pipeline.source, pipeline.warehouse].map(({ url }) =>
      connect(url, { subject: 'source', connections: 1, applicationName: 'another-run' }),
    ),
  );
  const [ingest, load] = await Promise.all(holders.map((pool) => pool.reserve()));
  try {
    await ingest!.unsafe('begin; lock table sales_order, payment in access share mode');
    await load!.unsafe('begin; lock table fact_payment in row exclusive mode');
    expect([await tryIngestLock(ingest!), await tryLoadLock(load!)]).toEqual([true, true]);
    const found = await plan();
    expect(found).toMatchObject({
      code: 0,
      ingest: { yields: expect.stringContaining('another-run') },
      load: { yields: expect.stringContaining('another-run') },
    });
    expect(found.ingest.tables.find(({ table }) => table === 'sales_order')).toMatchObject({ changed: 1 });
  } finally {
    for (const connection of [ingest, load]) {
      await connection!.unsafe('rollback');
      connection!.release();
    }
    await Promise.all(holders.map((pool) => pool.end()));
  }
});

test('plan names the lakes of another source, and a database that cannot be reached is an error', async () => {
  await pipeline.run();
  const other = await createPipeline();
  try {
    const { code, stops } = await plan([], { ...places, LAKE: other.lake });
    expect({ code, stops }).toMatchObject({ code: 0, stops: [{ code: 'CHAIN_BROKEN' }] });
  } finally {
    await other.close();
  }
  const gone = new URL(pipeline.warehouse.url);
  gone.port = '1';
  expect(await plan([], { ...places, WAREHOUSE_URL: gone.href })).toMatchObject({
    code: 1,
    ok: false,
    error: { code: 'CONNECTION_FAILED' },
  });
});
