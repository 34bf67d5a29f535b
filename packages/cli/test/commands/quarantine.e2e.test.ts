import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KeySet, manifestKey, OpenKeys, readProcessedManifest, writeCheckpoint } from '@totesys/lake';
import { populate } from '@totesys/sandbox';
import { totesysModel } from '@totesys/schema';
import { recordingStore } from '../../../lake/test/recording-store.ts';
import { totesys } from '../../../system-tests/test/built-command.ts';
import { createPipeline, expectEqual, type Pipeline } from '../../../system-tests/test/pipeline.ts';
import { findOpenQuarantine } from '../../src/quarantine/find-open-quarantine.ts';

let pipeline: Pipeline;

beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(pipeline.source.sql, { seed: 7, salesOrders: 400, purchaseOrders: 120 });
  await pipeline.run();
});

afterEach(async () => {
  await pipeline.close();
});

const source = () => pipeline.source.sql;
const warehouse = () => pipeline.warehouse.sql;
const quarantine = (...args: string[]) => totesys(['quarantine', ...args, '--json', '--lake', pipeline.lake]);
const list = async () => {
  const { code, json } = await quarantine('list');
  expect({ code, ok: json.ok }).toEqual({ code: 0, ok: true });
  return json as { batch: number; rows: number; discarded: number; groups: Record<string, unknown>[] };
};
// `table key` of every listed row.
const listed = async () =>
  (await list()).groups.flatMap(({ table, keys }) =>
    (keys as [number, number][]).flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, i) => `${table} ${first + i}`),
    ),
  );
const breakDates = (...ids: number[]) =>
  source()`update sales_order set agreed_delivery_date = 'soon' where sales_order_id in ${source()(ids)}`;

test('list shows the quarantined rows with their reasons and without values', async () => {
  await breakDates(3, 4, 9);
  await source()`update payment set payment_amount = 'NaN' where payment_id = 5`;
  await source()`update department set last_updated = 'infinity' where department_id = 2`;
  await pipeline.run();
  const { rows, batch, groups } = await list();
  expect({ rows, batch }).toEqual({ rows: 5, batch: 2 });
  expect(groups).toEqual([
    expect.objectContaining({
      table: 'department',
      column: 'last_updated',
      reason: 'infinity',
      rows: 1,
      keys: [[2, 2]],
    }),
    expect.objectContaining({ table: 'payment', column: 'payment_amount', reason: 'NaN', rows: 1, keys: [[5, 5]] }),
    expect.objectContaining({
      table: 'sales_order',
      column: 'agreed_delivery_date',
      reason: 'no date of the form YYYY-MM-DD',
      rule: 'fact_sales_order.agreed_delivery_date is date not null',
      rows: 3,
      keys: [
        [3, 4],
        [9, 9],
      ],
      batches: { first: 2, last: 2 },
      since: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    }),
  ]);
  const { stdout, stderr } = await totesys(['quarantine', 'list', '--lake', pipeline.lake]);
  expect(stdout).toContain('3-4,9');
  expect(stdout + stderr).not.toContain('soon');
  expect((await totesys(['status', '--json', '--lake', pipeline.lake])).json).toMatchObject({
    quarantined: 5,
    requests: 0,
  });
});

test('show prints one row with all its values as exact texts', async () => {
  const odd = `'; drop table "x" \\N \u{1F600}`;
  await source()`update sales_order set agreed_delivery_date = ${odd}, units_sold = 12345 where sales_order_id = 3`;
  await pipeline.run();
  const { code, json } = await quarantine('show', 'sales_order', '3');
  expect({ code, ...json }).toMatchObject({
    code: 0,
    table: 'sales_order',
    key: 3,
    batch: 2,
    isDiscarded: false,
    values: [{ column: 'agreed_delivery_date', reason: 'no date of the form YYYY-MM-DD', text: odd }],
    row: { sales_order_id: '3', units_sold: '12345', agreed_delivery_date: odd },
  });
  expect(await quarantine('show', 'sales_order', '4')).toMatchObject({
    code: 1,
    json: {
      ok: false,
      values: [],
      error: { code: 'NOT_FOUND', message: expect.stringContaining('not in quarantine') },
    },
  });
});

test('list follows the newest state of a row that is corrected, deleted or broken again', async () => {
  await breakDates(3, 4, 9);
  const [lone] = await source()`select payment_id from payment order by 1 limit 1`;
  await source()`update payment set payment_date = 'never' where payment_id = ${lone!.payment_id}`;
  await pipeline.run();
  expect(await listed()).toHaveLength(4);
  await source()`update sales_order set agreed_delivery_date = '2024-01-02' where sales_order_id = 3`;
  await source()`update sales_order set agreed_delivery_date = 'later' where sales_order_id = 4`;
  await source()`delete from payment where payment_id = ${lone!.payment_id}`;
  await pipeline.run();
  expect(await listed()).toEqual(['sales_order 4', 'sales_order 9']);
  const { json } = await quarantine('show', 'sales_order', '4');
  expect(json).toMatchObject({ batch: 3, values: [{ text: 'later' }] });
});

test('an older version stays current while the newest is in quarantine, and reconcile excuses the row', async () => {
  await breakDates(3);
  await pipeline.run();
  expect(await warehouse()`select from current_fact_sales_order where sales_order_id = 3`).toHaveLength(1);
  const { places } = pipeline;
  const { code, json } = await totesys(['reconcile', '--json'], places);
  const orders = (json.tables as { table: string }[]).find(({ table }) => table === 'fact_sales_order');
  expect({ code, orders }).toMatchObject({ code: 0, orders: { quarantined: 1, differs: 0, missing: 0 } });
});

test('replay reads rows again with their current values, and lists those that are still broken', async () => {
  await breakDates(3, 4);
  await pipeline.run();
  // Replay must bring the value that the source has now, not the quarantined one.
  await source()`update sales_order set agreed_delivery_date = '2024-01-02', units_sold = 777 where sales_order_id = 3`;
  const replayed = await quarantine('replay', 'sales_order');
  expect(replayed).toMatchObject({ code: 0, json: { rows: 2, request: '_requests/0000000001.json' } });
  await pipeline.run();
  expect(await warehouse()`select units_sold from current_fact_sales_order where sales_order_id = 3`).toMatchObject([
    { units_sold: 777 },
  ]);
  expect(await listed()).toEqual(['sales_order 4']);
  expect((await list()).groups[0]).toMatchObject({ batches: { first: 3, last: 3 } });
  await source()`update sales_order set agreed_delivery_date = '2024-01-02' where sales_order_id = 4`;
  await pipeline.run();
  expect(await quarantine('replay')).toMatchObject({ code: 0, json: { rows: 0, request: null } });
  await expectEqual(pipeline);
});

test('discard removes rows from the list, and a later broken state of them is listed again', async () => {
  await breakDates(3, 4, 9);
  await pipeline.run();
  const discarded = await quarantine('discard', 'sales_order', '--keys', '3-4,77');
  expect(discarded).toMatchObject({ code: 0, json: { rows: 2, object: expect.stringMatching(/^_discarded\//) } });
  expect(await listed()).toEqual(['sales_order 9']);
  expect(await list()).toMatchObject({ rows: 1, discarded: 2 });
  expect((await quarantine('show', 'sales_order', '3')).json).toMatchObject({
    ok: true,
    isDiscarded: true,
    values: [{ text: 'soon' }],
  });
  const before = await pipeline.objects();
  expect(await quarantine('discard', 'sales_order', '--keys', '3')).toMatchObject({ code: 0, json: { rows: 0 } });
  expect(await pipeline.objects()).toEqual(before);
  await breakDates(4);
  await pipeline.run();
  expect(await listed()).toEqual(['sales_order 4', 'sales_order 9']);
});

test('a broken row is quarantined once, even if several batches read it again', async () => {
  const writer = await source().reserve();
  await writer`begin`;
  await writer`update design set design_name = 'open' where design_id = 1`;
  await breakDates(3);
  await source()`update payment set payment_amount = 'NaN' where payment_id = 5`;
  await source()`update staff set last_updated = 'infinity' where staff_id = 2`;
  await pipeline.run();
  const [staff] = await source()`select department_id from staff where staff_id = 2`;
  const quarantined = async () => (await pipeline.objects()).filter((key) => key.includes('/_quarantine/')).length;
  expect(await quarantined()).toBe(3);
  for (let minute = 0; minute < 3; minute++) {
    // The open transaction keeps the window open, and the department brings its staff as context rows.
    await source()`update department set location = ${`place ${minute}`} where department_id = ${staff!.department_id}`;
    await pipeline.run();
  }
  expect(await quarantined()).toBe(3);
  await writer`rollback`;
  writer.release();
  expect(await listed()).toEqual(['payment 5', 'sales_order 3', 'staff 2']);
});

test('a null in a required column is quarantined and does not fail the run', async () => {
  await source().unsafe('alter table sales_order alter units_sold drop not null, alter created_at drop not null');
  await source()`update sales_order set units_sold = null, created_at = null where sales_order_id = 3`;
  await pipeline.run();
  const { groups } = await list();
  expect(groups.map(({ column, reason }) => `${column}: ${reason}`)).toEqual([
    'created_at: null where a value is needed',
    'units_sold: null where a value is needed',
  ]);
  expect((await list()).rows).toBe(1);
});

test('a checkpoint saves requests and does not change the result', async () => {
  await breakDates(3, 4);
  await pipeline.run();
  for (let batch = 3; batch <= 40; batch++) {
    await source()`update design set design_name = ${`design ${batch}`} where design_id = 1`;
    await pipeline.run();
  }
  const without = await list();
  const { ingestion, processed } = pipeline;
  const { manifest } = await readProcessedManifest(processed, 39);
  const open = new OpenKeys();
  open.open('sales_order', 2, KeySet.of([[3, 4]]));
  await writeCheckpoint(processed, { batch: 39, ingestion: manifest.ingestion.sha256, open });
  const requests: string[] = [];
  const lakes = { model: totesysModel, ingestion: recordingStore(ingestion, requests), processed };
  const found = await findOpenQuarantine(lakes, () => {});
  expect(requests.filter((request) => request.startsWith('find '))).toEqual([`find ${manifestKey(40)}`]);
  expect(found.open.count).toBe(2);
  expect(await list()).toEqual({ ...without, usage: expect.anything() });
  // A checkpoint of another lake is ignored.
  await rm(join(pipeline.lake, 'processed/_state'), { recursive: true });
  await writeCheckpoint(processed, { batch: 39, ingestion: '0'.repeat(64), open: new OpenKeys() });
  expect(await listed()).toEqual(['sales_order 3', 'sales_order 4']);
});

test('discarding rows that are not in quarantine writes nothing, and its result has the same fields', async () => {
  const before = await pipeline.objects();
  const { code, json } = await quarantine('discard', 'staff', '--keys', '3');
  const { usage: _, ...answer } = json;
  expect({ code, ...answer }).toEqual({
    code: 0,
    ok: true,
    command: 'quarantine discard',
    table: 'staff',
    rows: 0,
    object: null,
  });
  expect(await pipeline.objects()).toEqual(before);
});

test.each([
  ['an unknown table', ['show', 'frobs', '1'], /sales_order/],
  ['an invalid key', ['show', 'staff', 'one'], /is not a key or a range of keys/],
  ['several keys for one row', ['show', 'staff', '1-2'], /the key of one row/],
  ['keys without a table', ['replay', '--keys', '1'], /needs a table/],
  ['no rows to discard', ['discard', 'staff'], /--keys.*--all/],
])('%s ends with 2', async (_what, args, message) => {
  const { code, json } = await quarantine(...args);
  expect(code).toBe(2);
  expect((json.error as { message: string }).message).toMatch(message);
});
