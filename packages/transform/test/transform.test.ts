import { decodeParquet, memoryStore, type ProcessedManifest, readProcessedManifest } from '@totesys/lake';
import { silentTelemetry } from '@totesys/runtime';
import { totesysModel } from '@totesys/schema';
import { exactText } from '../src/exact-text.ts';
import { transform } from '../src/transform.ts';
import { type Row, writeBatch } from './ingestion-batch.ts';

let ingestion: ReturnType<typeof memoryStore>;
let processed: ReturnType<typeof memoryStore>;

beforeEach(() => {
  ingestion = memoryStore('memory://ingestion');
  processed = memoryStore('memory://processed');
});

const run = (batch: number | 'newest' = 'newest') =>
  transform({ model: totesysModel, ingestion, processed, telemetry: silentTelemetry }, batch);

async function contents(store = processed): Promise<Record<string, string>> {
  const objects: Record<string, string> = {};
  for await (const { key } of store.list('')) objects[key] = Buffer.from(await store.get(key)).toString('base64');
  return objects;
}

const manifestOf = async (batch: number): Promise<ProcessedManifest> =>
  (await readProcessedManifest(processed, batch)).manifest;

// The rows that a batch gives a table, each value as exact text.
async function rowsOf(batch: number, table: string, role = 'rows'): Promise<Record<string, string | null>[]> {
  const declared = totesysModel.warehouse.find(({ name }) => name === table)!;
  const rows: Record<string, string | null>[] = [];
  for (const part of (await manifestOf(batch)).parts.filter((part) => part.table === table && part.role === role)) {
    for (const decoded of decodeParquet(await processed.get(part.key))) {
      for (let row = 0; row < decoded.numRows; row++) {
        const columns = declared.columns.filter(({ name }) => decoded.getChild(name));
        rows.push(
          Object.fromEntries(
            columns.map(({ name, type }) => [name, exactText(type, decoded.getChild(name)!.data[0]!, row)]),
          ),
        );
      }
    }
  }
  return rows;
}

async function quarantineOf(batch: number): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for (const part of (await manifestOf(batch)).quarantined) {
    for (const decoded of decodeParquet(await processed.get(part.key)))
      rows.push(...decoded.toArray().map((row) => row.toJSON()));
  }
  return rows;
}

const salesOrder: Row = {
  sales_order_id: 7,
  design_id: 3,
  staff_id: 4,
  counterparty_id: 5,
  units_sold: 42,
  unit_price: 123_456n,
  currency_id: 2,
  agreed_delivery_date: '2024-02-29',
  agreed_payment_date: '2023-12-31',
  agreed_delivery_location_id: 9,
  created_at: BigInt(Date.UTC(2022, 10, 3, 14, 20, 52, 186)) * 1000n,
  last_updated: -1n,
};

test('derives a fact to the cent and the microsecond, before 1970 too', async () => {
  await writeBatch(ingestion, 1, null, [{ table: 'sales_order', rows: [salesOrder] }]);
  expect(await run()).toMatchObject({ outcome: 'committed', batches: [1] });
  expect(await rowsOf(1, 'fact_sales_order')).toEqual([
    {
      sales_order_id: '7',
      created_date: '2022-11-03',
      created_time: '14:20:52.186',
      last_updated_date: '1969-12-31',
      last_updated_time: '23:59:59.999999',
      sales_staff_id: '4',
      counterparty_id: '5',
      units_sold: '42',
      unit_price: '1234.56',
      currency_id: '2',
      design_id: '3',
      agreed_payment_date: '2023-12-31',
      agreed_delivery_date: '2024-02-29',
      agreed_delivery_location_id: '9',
    },
  ]);
});

test('completes every year in which a date occurs, and no other', async () => {
  await writeBatch(ingestion, 1, null, [
    { table: 'sales_order', rows: [{ ...salesOrder, agreed_delivery_date: '2099-01-01' }] },
  ]);
  await run();
  const calendar = await rowsOf(1, 'dim_date');
  expect([...new Set(calendar.map(({ year }) => year))]).toEqual(['1969', '2022', '2023', '2099']);
  expect(calendar).toHaveLength(4 * 365);
  expect(calendar.find(({ date_id }) => date_id === '2099-12-31')).toEqual({
    date_id: '2099-12-31',
    year: '2099',
    month: '12',
    day: '31',
    day_of_week: '4',
    day_name: 'Thursday',
    month_name: 'December',
    quarter: '4',
  });
});

test('joins each part with the rows that travel with it, and shows a placeholder where there is none', async () => {
  const department = {
    table: 'department',
    rows: [{ department_id: 2, department_name: "O'Keefe & Co", location: null }],
  };
  const staff = [
    { staff_id: 1, department_id: 2 },
    { staff_id: 2, department_id: 3 },
  ];
  await writeBatch(ingestion, 1, null, [{ table: 'staff', rows: staff, lookups: { department_id: department } }]);
  await run();
  expect(await rowsOf(1, 'dim_staff')).toMatchObject([
    { staff_id: '1', department_name: "O'Keefe & Co", location: 'Unknown' },
    { staff_id: '2', department_name: 'Unknown', location: 'Unknown' },
  ]);
});

test('takes context rows for a dimension that joins, and never for changes of anything else', async () => {
  const address = { table: 'address', rows: [{ address_id: 6, address_line_2: null }] };
  await writeBatch(ingestion, 1, null, [
    {
      table: 'counterparty',
      role: 'context',
      rows: [{ counterparty_id: 1, legal_address_id: 6 }],
      lookups: { legal_address_id: address },
    },
    { table: 'sales_order', role: 'context', rows: [salesOrder] },
  ]);
  await run();
  expect(await rowsOf(1, 'dim_counterparty')).toMatchObject([
    { counterparty_id: '1', counterparty_legal_address_line_2: null },
  ]);
  expect((await manifestOf(1)).parts.map(({ table }) => table)).toEqual(['dim_counterparty']);
});

test.each([
  ['next week'],
  ['2023-02-29'],
  ['2023-13-01'],
  ['0000-01-01'],
  ['2023-1-01'],
  [' 2023-01-01'],
  ['2023-01-01T00:00'],
  ['２０２３-01-01'],
  [''],
])('the text %p for a date puts the row into quarantine with that very text, and the rest flows', async (text) => {
  const rows = [
    salesOrder,
    { ...salesOrder, sales_order_id: 8, agreed_payment_date: text },
    { ...salesOrder, sales_order_id: 9 },
  ];
  await writeBatch(ingestion, 1, null, [{ table: 'sales_order', rows }]);
  expect(await run()).toMatchObject({ quarantined: 1 });
  expect((await rowsOf(1, 'fact_sales_order')).map(({ sales_order_id }) => sales_order_id)).toEqual(['7', '9']);
  const [broken] = await quarantineOf(1);
  expect(broken).toMatchObject({ key: 8n, warehouse_table: 'fact_sales_order', column: 'agreed_payment_date', text });
  expect(JSON.parse(broken!.row as string)).toMatchObject({
    unit_price: '1234.56',
    created_at: '2022-11-03 14:20:52.186',
  });
  expect((await manifestOf(1)).counts).toEqual({ sales_order: { rows: 3, quarantined: 1 } });
});

test('a null where the warehouse needs a value puts a fact into quarantine, and never a dimension', async () => {
  await writeBatch(ingestion, 1, null, [
    { table: 'sales_order', rows: [{ ...salesOrder, units_sold: null }] },
    { table: 'address', rows: [{ address_id: 1, city: null }] },
  ]);
  expect((await run()).warnings).toEqual([
    "column 'city' of 'dim_location' shows a placeholder in 1 row, where the source has no value and must have one: key 1",
  ]);
  expect(await rowsOf(1, 'fact_sales_order')).toEqual([]);
  expect(await quarantineOf(1)).toMatchObject([
    { column: 'units_sold', text: null, reason: expect.stringContaining('null') },
  ]);
  expect(await rowsOf(1, 'dim_location')).toMatchObject([{ location_id: '1', city: 'Unknown' }]);
});

test('counts a row in quarantine once, however many of its values are wrong', async () => {
  const rows = [7, 8].map((sales_order_id) => ({
    ...salesOrder,
    sales_order_id,
    agreed_payment_date: 'soon',
    agreed_delivery_date: 'soon',
  }));
  await writeBatch(ingestion, 1, null, [{ table: 'sales_order', rows }]);
  expect(await run()).toMatchObject({ quarantined: 2 });
  expect(await quarantineOf(1)).toHaveLength(4);
});

test('names the first few rows that show a placeholder, and counts the others', async () => {
  const rows = Array.from({ length: 7 }, (_, i) => ({ address_id: i + 1, city: i === 0 ? 'Leeds' : null }));
  await writeBatch(ingestion, 1, null, [{ table: 'address', rows }]);
  expect((await run()).warnings).toEqual([expect.stringMatching(/'city' .*in 6 rows.*: keys 2, 3, 4, 5, 6, …$/)]);
});

test('progress counts the rows of a table through all of its parts', async () => {
  await writeBatch(ingestion, 1, null, [
    { table: 'design', rows: [{ design_id: 1 }, { design_id: 2 }] },
    { table: 'design', rows: [{ design_id: 3 }] },
  ]);
  const shown: unknown[] = [];
  const telemetry = { ...silentTelemetry, progress: (table: string, rows: number) => void shown.push([table, rows]) };
  await transform({ model: totesysModel, ingestion, processed, telemetry }, 'newest');
  expect(shown).toEqual([
    ['dim_design', 2],
    ['dim_design', 3],
  ]);
});

test('names a currency, or shows its code where it has no name', async () => {
  const rows = ['GBP', 'XQX', '12', 'é'].map((currency_code, i) => ({ currency_id: i + 1, currency_code }));
  await writeBatch(ingestion, 1, null, [{ table: 'currency', rows }]);
  await run();
  expect((await rowsOf(1, 'dim_currency')).map(({ currency_name }) => currency_name)).toEqual([
    'British Pound',
    'XQX',
    '12',
    'é',
  ]);
});

test('names deleted facts, and leaves dimensions alone', async () => {
  await writeBatch(ingestion, 1, null, [], { deleted: { payment: [3, 4], staff: [1] } });
  await run();
  expect(await rowsOf(1, 'fact_payment', 'deleted')).toEqual([{ payment_id: '3' }, { payment_id: '4' }]);
  expect(Object.keys(await contents()).filter((key) => key.endsWith('.parquet'))).toEqual([
    expect.stringMatching(
      /^deleted_fact_payment\/year=2026\/month=11\/day=22\/batch=0000000001\/[0-9a-f]{32}\.parquet$/,
    ),
  ]);
});

test('is a pure function of the batch, to the byte', async () => {
  await writeBatch(ingestion, 1, null, [
    { table: 'sales_order', rows: [salesOrder, { ...salesOrder, agreed_delivery_date: 'x' }] },
  ]);
  await run();
  const first = await contents();
  processed = memoryStore();
  await run();
  expect(await contents()).toEqual(first);
});

test('leaves one copy of each part when it is killed before the manifest and runs again', async () => {
  await writeBatch(ingestion, 1, null, [
    { table: 'sales_order', rows: [salesOrder] },
    { table: 'design', rows: [{}] },
  ]);
  const whole = processed;
  await run();
  processed = memoryStore();
  const dying = processed;
  const put = dying.putIfAbsent.bind(dying);
  processed = {
    ...dying,
    putIfAbsent: async (key, body) =>
      key.startsWith('_manifests/') ? Promise.reject(new Error('killed')) : put(key, body),
  };
  await expect(run()).rejects.toThrow('killed');
  processed = dying;
  await run();
  expect(Object.keys(await contents())).toEqual(Object.keys(await contents(whole)));
});

test('does what is missing before the batch that it is woken for, in order, and nothing twice', async () => {
  let previous: string | null = null;
  for (let batch = 1; batch <= 5; batch++) {
    previous = await writeBatch(ingestion, batch, previous, [{ table: 'design', rows: [{ design_id: batch }] }]);
  }
  expect(await run(3)).toMatchObject({ batches: [1, 2, 3] });
  const before = await contents();
  expect(await run(2)).toMatchObject({ outcome: 'unchanged' });
  expect(await contents()).toEqual(before);
  expect(await run()).toMatchObject({ batches: [4, 5] });
});

test('refuses a batch that does not follow the one before it', async () => {
  const first = await writeBatch(ingestion, 1, null, []);
  await run();
  await writeBatch(ingestion, 2, 'f'.repeat(64), []);
  await expect(run()).rejects.toMatchObject({
    code: 'CHAIN_BROKEN',
    message: expect.stringMatching(`Batch 2 in .* does not follow the batch before it: expected ${first}`),
  });
});

test.each([1, 'newest'] as const)(
  'refuses a batch that is not the one that the batch behind it follows, woken for %s',
  async (batch) => {
    await writeBatch(ingestion, 1, null, []);
    await writeBatch(ingestion, 2, 'f'.repeat(64), []);
    await expect(run(batch)).rejects.toMatchObject({
      code: 'CHAIN_BROKEN',
      message: expect.stringContaining('Batch 1 in memory://ingestion is not the one that batch 2 follows'),
    });
    expect(await contents()).toEqual({});
  },
);

test.each([2, 3, 'newest'] as const)(
  'refuses an ingestion lake that has lost its newest batch, and one that has another under its number, woken for %s',
  async (batch) => {
    const first = await writeBatch(ingestion, 1, null, [{ table: 'design', rows: [{}] }]);
    await writeBatch(ingestion, 2, first, [{ table: 'design', rows: [{ design_id: 2 }] }]);
    await run();
    const before = await contents();
    ingestion = memoryStore('memory://ingestion');
    await writeBatch(ingestion, 1, null, [{ table: 'design', rows: [{}] }]);
    const refused = { code: 'CHAIN_BROKEN', message: expect.stringMatching(/^Batch 2 .* older copy or another one/) };
    await expect(run(batch)).rejects.toMatchObject(refused);
    const second = await writeBatch(ingestion, 2, first, [{ table: 'design', rows: [{ design_id: 3 }] }]);
    await expect(run(batch)).rejects.toMatchObject(refused);
    await writeBatch(ingestion, 3, second, []);
    await expect(run(batch)).rejects.toMatchObject(refused);
    expect(await contents()).toEqual(before);
  },
);

test('says which batch is missing', async () => {
  await writeBatch(ingestion, 1, null, []);
  await expect(run(2)).rejects.toMatchObject({ code: 'OBJECT_MISSING', message: expect.stringContaining('Batch 2') });
  await expect(run(3)).rejects.toMatchObject({ code: 'CHAIN_BROKEN' });
});

test('derives every batch before one whose manifest cannot be read, and is about that one when it fails', async () => {
  const first = await writeBatch(ingestion, 1, null, []);
  await writeBatch(ingestion, 2, first, []);
  await ingestion.putIfAbsent('_manifests/0000000003.json', Buffer.from('no manifest'));
  const about: unknown[] = [];
  const telemetry = { ...silentTelemetry, about: (subject: unknown) => void about.push(subject) };
  const waking = transform({ model: totesysModel, ingestion, processed, telemetry }, 3);
  await expect(waking).rejects.toMatchObject({ code: 'MANIFEST_UNREADABLE' });
  expect(about).toEqual([{ batch: 1 }, { batch: 2 }, { batch: 3 }]);
  await expect(manifestOf(2)).resolves.toMatchObject({ batch: 2 });
});
