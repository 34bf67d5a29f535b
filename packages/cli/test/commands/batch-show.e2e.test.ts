import { populate } from '@totesys/sandbox';
import { type Ended, totesys } from '../../../system-tests/test/built-command.ts';
import { createPipeline, type Pipeline } from '../../../system-tests/test/pipeline.ts';

let pipeline: Pipeline;
let places: Record<string, string>;
let run: Ended;

beforeAll(async () => {
  pipeline = await createPipeline();
  await populate(pipeline.source.sql, { seed: 7, salesOrders: 300, purchaseOrders: 20 });
  await pipeline.run();
  places = pipeline.places;
  const { sql } = pipeline.source;
  // Both dates of 120 orders are invalid. Parquet cannot carry the amount of a payment, and its date is invalid too.
  await sql`
    update sales_order set agreed_delivery_date = 'soon', agreed_payment_date = 'later' where sales_order_id <= 120`;
  await sql`update payment set payment_amount = 'NaN', payment_date = 'soon' where payment_id = 5`;
  await sql`update payment set payment_date = 'soon' where payment_id = 6`;
  run = await totesys(['run', '--json'], places);
});

afterAll(async () => {
  await pipeline.close();
});

const show = (...args: string[]) => totesys(['batch', 'show', ...args], places);
// The cells of each line of a table.
const cells = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('│'))
    .map((line) => line.split('│').slice(1, -1).join('|').replaceAll(' ', ''));

test('counts each row once as run does, and its faults separately', async () => {
  expect(run).toMatchObject({ code: 1, json: { error: { code: 'QUARANTINE_THRESHOLD' } } });
  const { code, json } = await show('2', '--json');
  expect({ code, ...json }).toMatchObject({
    code: 0,
    changed: { sales_order: 120, payment: 1 },
    quarantinedByIngest: { payment: 1 },
    quarantinedByTransform: { sales_order: 120, payment: 1 },
    quarantined: { sales_order: { rows: 120, faults: 240 }, payment: { rows: 2, faults: 2 } },
    isLoaded: false,
    beyondThreshold: [{ table: 'sales_order', rows: 120, quarantined: 120 }],
  });
  expect(run.stderr).toMatch(/^ingest .* 1 in quarantine$/m);
  expect(run.stderr).toMatch(/^transform .* 121 in quarantine$/m);
});

test('prints the same counts, and why the batch is not loaded', async () => {
  const { stdout } = await show('2');
  expect(cells(stdout)).toEqual(
    expect.arrayContaining([
      'sourcetable|changed|deleted|inquarantine|faults',
      'sales_order|120|0|120|240',
      'payment|1|0|2|2',
    ]),
  );
  expect(stdout).toMatch(/120 of 120 rows of 'sales_order' are in quarantine.*totesys batch accept 2$/m);
  expect(stdout).toMatch(/^It is not loaded yet\.$/m);
  await totesys(['batch', 'accept', '2'], places);
  expect((await totesys(['run', '--json'], places)).code).toBe(0);
  const { json } = await show('2', '--json');
  expect(json).toMatchObject({ isLoaded: true, isAccepted: true, beyondThreshold: [] });
});

test('prints no faults if no row has more than one, and nothing about a warehouse that is not given', async () => {
  const { WAREHOUSE_URL: _, ...lakes } = places;
  const { stdout } = await totesys(['batch', 'show', '1'], lakes);
  expect(cells(stdout)).toEqual(
    expect.arrayContaining(['sourcetable|changed|deleted|inquarantine', 'sales_order|300|0|0', 'dim_date|1,096']),
  );
  expect(stdout).not.toContain('loaded');
});
