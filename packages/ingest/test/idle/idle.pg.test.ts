import { memoryStore } from '@totesys/lake';
import { type Cluster, startCluster } from '@totesys/sandbox';
import type { RunMemory } from '../../src/ingest.ts';
import type { IngestedSource } from '../ingested-source.ts';
import { createQuietSource, QUIET, recordStatements } from './quiet-server.ts';

let cluster: Cluster;
let totesys: IngestedSource;
let memory: RunMemory;
let databases = 0;

beforeAll(async () => {
  cluster = await startCluster({ settings: { ...QUIET, max_prepared_transactions: '2' } });
});

beforeEach(async () => {
  totesys = await createQuietSource(cluster, `totesys_${++databases}`);
  memory = {};
  await totesys.run({ memory });
});

afterEach(async () => {
  await totesys.close();
});

afterAll(async () => {
  await cluster?.stop();
});

const run = () => totesys.run({ memory });
const setUnits = (units: number, id: number) =>
  totesys.database.sql`update sales_order set units_sold = ${units} where sales_order_id = ${id}`;

// Runs and returns the statements besides those that begin and end transactions.
async function statementsOfRun(): Promise<string[]> {
  const { pool, statements } = recordStatements(totesys.reader);
  expect(await totesys.run({ memory, source: pool })).toMatchObject({ outcome: 'unchanged' });
  return statements.filter((text) => !/^(begin|commit|rollback)\b/.test(text));
}

describe('a run of a process that has proved what its batches carry', () => {
  test('sends one statement and takes no lock while nothing is committed', async () => {
    const before = await totesys.objectKeys();
    for (let i = 0; i < 3; i++) {
      const [statement, ...others] = await statementsOfRun();
      expect(statement).toMatch(/^select pg_snapshot_xmin/);
      expect(others).toEqual([]);
    }
    expect(await totesys.objectKeys()).toEqual(before);
  });

  test('scans once after a transaction that changed nothing here, then no more', async () => {
    await totesys.database.sql`select pg_current_xact_id()`;
    expect((await statementsOfRun()).length).toBeGreaterThan(1);
    expect(await statementsOfRun()).toHaveLength(1);
  });

  test.each([
    ['an edit', 'update sales_order set units_sold = 7 where sales_order_id = 42', { rows: 1 }],
    ['a delete', 'delete from sales_order where sales_order_id = 42', { rows: 0, deleted: 1 }],
    ['a TRUNCATE', 'truncate staff, payment, transaction, sales_order, purchase_order', { rows: 0, deleted: 108 }],
    [
      'a column that is dropped and added with a default',
      `alter table design drop column file_name; alter table design add column file_name text not null default 'new'`,
      { rows: 5 },
    ],
  ])('finds %s', async (_what, statement, found) => {
    expect(await statementsOfRun()).toHaveLength(1);
    await totesys.database.sql.unsafe(statement);
    expect(await run()).toMatchObject({ outcome: 'committed', ...found });
    expect(await statementsOfRun()).toHaveLength(1);
  });

  test('finds the commit of an older of two open transactions, which leaves xmin and xmax as they were', async () => {
    const older = await totesys.database.sql.reserve();
    const newer = await totesys.database.sql.reserve();
    try {
      await older`begin`;
      await older`update design set design_name = 'older' where design_id = 1`;
      await newer`begin`;
      await newer`update sales_order set units_sold = 9 where sales_order_id = 9`;
      await setUnits(10, 10);
      const ends = async () => {
        const [row] = await totesys.database.sql`
          select pg_snapshot_xmin(s)::text || ':' || pg_snapshot_xmax(s)::text as ends from pg_current_snapshot() s`;
        return row!.ends;
      };
      expect(await run()).toMatchObject({ outcome: 'committed', rows: 1 });
      const before = await ends();
      await newer`commit`;
      expect(await ends()).toBe(before);
      expect(await run()).toMatchObject({ outcome: 'committed', rows: 1 });
      await older`commit`;
      expect(await run()).toMatchObject({ outcome: 'committed', rows: 1 });
    } finally {
      older.release();
      newer.release();
    }
  });

  test('finds the commit of a prepared transaction', async () => {
    const { sql } = totesys.database;
    const name = `kept_${databases}`;
    const writer = await sql.reserve();
    await writer.unsafe(
      `begin; update sales_order set units_sold = 9 where sales_order_id = 9; prepare transaction '${name}'`,
    );
    writer.release();
    expect(await run()).toMatchObject({ outcome: 'unchanged' });
    await sql.unsafe(`commit prepared '${name}'`);
    expect(await run()).toMatchObject({ outcome: 'committed', rows: 1 });
  });

  test('reads what a request asks for', async () => {
    await totesys.ask('sales_order', [5, 6]);
    expect(await run()).toMatchObject({ outcome: 'committed', rows: 2 });
    expect(await statementsOfRun()).toHaveLength(1);
  });

  test('relies on nothing if the newest batch is another one', async () => {
    totesys.store = memoryStore();
    expect(await run()).toMatchObject({ outcome: 'committed', batch: 1 });
  });

  test('goes on with a first load of which it has read a part', async () => {
    totesys.store = memoryStore();
    memory = {};
    const results = await totesys.runAll({ memory, batchRows: 20 });
    expect(results.length).toBeGreaterThan(3);
    expect((await totesys.carried('sales_order')).length).toBe(100);
  });

  test('scans after a restart of the server', async () => {
    await cluster.restart();
    expect((await statementsOfRun()).length).toBeGreaterThan(1);
    expect(await statementsOfRun()).toHaveLength(1);
  });

  test('repeats the warnings about the tables', async () => {
    await totesys.database.sql`alter table design add column colour text`;
    const { warnings } = await run();
    expect(warnings).toEqual([expect.stringContaining("Column 'colour'")]);
    expect(await statementsOfRun()).toHaveLength(1);
    expect((await run()).warnings).toEqual(warnings);
  });
});
