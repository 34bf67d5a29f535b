import { writeRequest } from '@totesys/lake';
import { connect, type Sql, silentTelemetry } from '@totesys/runtime';
import { populate } from '@totesys/sandbox';
import { totesysModel } from '@totesys/schema';
import { createPipeline, type Pipeline } from '../../../system-tests/test/pipeline.ts';
import { reconcile } from '../../src/reconcile.ts';

let pipeline: Pipeline;
let warehouse: Sql;

const sql = () => pipeline.warehouse.sql;

// Staff 1 has three states, counterparty 1 two and design 900, which comes late, two.
beforeEach(async () => {
  pipeline = await createPipeline();
  const source = pipeline.source.sql;
  await populate(source, { seed: 4, salesOrders: 60, purchaseOrders: 20 });
  await pipeline.run();
  await source`update staff set first_name = 'Ann' where staff_id = 1`;
  await source`
    insert into design (design_id, design_name, file_location, file_name, last_updated)
    values (900, 'Lamp', '/lamps', 'lamp.json', now())`;
  await pipeline.run();
  await source`update staff set first_name = 'Anna' where staff_id = 1`;
  await source`update counterparty set counterparty_legal_name = 'Other' where counterparty_id = 1`;
  await source`update design set file_name = 'lamp2.json' where design_id = 900`;
  await pipeline.run();
  warehouse = await connect(pipeline.warehouse.url, { subject: 'warehouse', connections: 2, applicationName: 'test' });
});

afterEach(async () => {
  await warehouse.end({ timeout: 5 });
  await pipeline.close();
});

async function faults(check: 'lake' | 'history', since = 1): Promise<string[]> {
  const { history, lake } = await reconcile(
    {
      model: totesysModel,
      warehouse: async () => warehouse,
      processed: pipeline.processed,
      telemetry: silentTelemetry,
      interrupted: new AbortController().signal,
    },
    { checks: new Set([check]), waitMs: 0, showValues: false, repair: false, since },
  );
  return check === 'lake'
    ? lake!.named.map(({ place, batch, fault }) => `${place} ${batch}: ${fault}`)
    : history!.named.map(({ table, id, fault }) => `${table} ${id}: ${fault}`);
}

test('the history that load wrote equals the states in the lake', async () => {
  expect(await sql()`select from etl.dim_staff_history`).toHaveLength(2);
  expect([await faults('lake'), await faults('history')]).toEqual([[], []]);
});

test.each([
  [
    'a changed value',
    `update etl.dim_staff_history set last_name = 'X' where staff_id = 1 and until_batch = 3`,
    ['history 2: dim_staff 1 has another state as of this batch'],
  ],
  [
    'a null in place of a value',
    'update etl.dim_staff_history set last_name = null where until_batch = 2',
    ['history 1: dim_staff 1 has another state as of this batch'],
  ],
  [
    'a lost state',
    'delete from etl.dim_staff_history where until_batch = 3',
    ['history 2: dim_staff 1 has another state as of this batch'],
  ],
  [
    'a state that no batch brought',
    `insert into etl.dim_staff_history select staff_id, 'X', last_name, department_name, location, email_address, 2
       from dim_staff where staff_id = 2`,
    ['history 2: dim_staff has 2 states until this batch: expected 1'],
  ],
  [
    'another batch',
    'update etl.dim_counterparty_history set until_batch = 2',
    ['history 2: dim_counterparty has 1 states until this batch: expected 0'],
  ],
  [
    'a changed latest state',
    `update dim_design set file_name = 'x' where design_id = 900`,
    ['history 3: dim_design 900 has another state as of this batch'],
  ],
  [
    'another first batch',
    `update etl.first_batch set batch = 3 where dimension = 'dim_design' and from_id = 900`,
    ['history 2: dim_design 900 has another state as of this batch'],
  ],
  [
    'a row that no batch brought',
    `insert into dim_design select 901, design_name, file_location, file_name from dim_design where design_id = 900`,
    ['history 2: dim_design has 2 rows from this batch on: expected 1'],
  ],
])('%s is found', async (_what, statement, expected) => {
  await sql().unsafe(statement);
  expect(await faults('lake')).toEqual(expected);
});

test('long states are compared to their last character, in bytes of UTF-8', async () => {
  // 65,537 bytes in 32,769 characters.
  const long = `${'ä'.repeat(32_768)}x`;
  const source = pipeline.source.sql;
  await source`update design set file_name = ${long} where design_id = 900`;
  await pipeline.run();
  await source`update design set file_name = 'short' where design_id = 900`;
  await pipeline.run();
  expect([await faults('lake'), await faults('history')]).toEqual([[], []]);
  await sql()`update etl.dim_design_history set file_name = ${`${long.slice(0, -1)}y`} where until_batch = 5`;
  expect(await faults('lake')).toEqual(['history 4: dim_design 900 has another state as of this batch']);
});

test('a lost state between two equal ones is found', async () => {
  await pipeline.source.sql`update staff set first_name = 'Ann' where staff_id = 1`;
  await pipeline.run();
  expect(await faults('lake')).toEqual([]);
  await sql().unsafe('delete from etl.dim_staff_history where until_batch = 3');
  expect(await faults('lake')).toEqual(['history 3: dim_staff 1 has another state as of batch 2']);
});

test('a change by hand is found until a batch brings the row again', async () => {
  await sql().unsafe(`update dim_staff set first_name = 'Eve' where staff_id in (1, 2)`);
  expect(await faults('lake')).toEqual([
    'history 1: dim_staff 2 has another state as of this batch',
    'history 3: dim_staff 1 has another state as of this batch',
  ]);
  const tables = [{ table: 'staff', keys: [[1, 2]] as [number, number][] }];
  await writeRequest(pipeline.ingestion, { kind: 'read', reason: 'repair', tables });
  await pipeline.run();
  expect(await sql()`select from etl.dim_staff_history where first_name = 'Eve'`).toHaveLength(2);
  expect([await faults('lake'), await faults('history')]).toEqual([[], []]);
});

test('a state that equals the next one, and one before its first batch, are found without the lake', async () => {
  await sql().unsafe(`
    insert into etl.dim_staff_history select *, 2 from dim_staff where staff_id = 3;
    insert into etl.dim_design_history select design_id, 'X', file_location, file_name, 2 from dim_design
     where design_id = 900`);
  expect(await faults('history')).toEqual([
    'dim_design 900: has a state until batch 2, and its first row came in batch 2',
    'dim_staff 3: the state until batch 2 equals the one after it',
  ]);
});

test('states from before the history have an unknown start, which is no fault', async () => {
  await sql().unsafe(`
    update etl.ledger set loaded_with = null where batch <= 2;
    truncate etl.first_batch;
    delete from etl.dim_staff_history where until_batch <= 2`);
  expect([await faults('lake'), await faults('history')]).toEqual([[], []]);
  await sql().unsafe('delete from etl.dim_staff_history');
  expect(await faults('lake')).toEqual(['history 2: dim_staff 1 has another state as of this batch']);
  expect(await faults('lake', 3)).toEqual([]);
});

test('a warehouse from before this history is checked without it', async () => {
  await sql().unsafe('drop table etl.first_batch, etl.dim_staff_history');
  expect([await faults('lake'), await faults('history')]).toEqual([[], []]);
});
