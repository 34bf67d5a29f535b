import {
  KeySet,
  memoryStore,
  type QuarantinedValue,
  QuarantineWriter,
  readPart,
  readQuarantine,
} from '../../src/index.ts';

const sourceClock = '2026-11-22T10:00:00';
const value = (key: number, more: Partial<QuarantinedValue> = {}): QuarantinedValue => ({
  key,
  column: 'unit_price',
  reason: 'NaN',
  text: 'NaN',
  row: `{"sales_order_id":"${key}"}`,
  ...more,
});

async function written(kind: 'ingestion' | 'processed', values: readonly QuarantinedValue[]) {
  const store = memoryStore();
  const writer = new QuarantineWriter(store, { kind, batch: 7, sourceClock });
  await writer.write('sales_order', values);
  const read = async (keys?: KeySet) => {
    const found: QuarantinedValue[] = [];
    for (const part of writer.parts) for await (const each of readQuarantine(store, part, keys)) found.push(each);
    return found;
  };
  return { store, writer, read };
}

test.each([
  ['ingestion', undefined, ['key', 'column', 'reason', 'text', 'row']],
  ['processed', 'fact_sales_order', ['key', 'warehouse_table', 'column', 'reason', 'text', 'row']],
] as const)(
  'reads from the %s lake what was written, in the columns of its parts',
  async (kind, warehouseTable, columns) => {
    const values = [value(1, { warehouseTable }), value(-3, { warehouseTable, text: null })];
    const { store, writer, read } = await written(kind, values);
    expect(await read()).toEqual(values);
    expect(writer.parts).toMatchObject([{ table: 'sales_order', rows: 2 }]);
    expect(writer.parts[0]!.key).toMatch(/^_quarantine\/sales_order\/batch_date=2026-11-22\/batch=0000000007\//);
    for await (const rows of readPart(store, writer.parts[0]!)) {
      expect(rows.schema.fields.map(({ name }) => name)).toEqual(columns);
    }
  },
);

test('reads the values of the given keys alone', async () => {
  const { read } = await written(
    'ingestion',
    [1, 2, 3].map((key) => value(key)),
  );
  expect((await read(KeySet.of([[2, 2]]))).map(({ key }) => key)).toEqual([2]);
});

test('counts a row once, however many of its values are wrong', async () => {
  const { writer } = await written('ingestion', [value(1), value(1, { column: 'units_sold' }), value(2)]);
  expect(writer.rows).toBe(2);
});

test('names the keys of a part in the ingestion lake, from which indexes are built', async () => {
  expect((await written('ingestion', [value(5), value(6)])).writer.parts).toMatchObject([{ keys: [[5, 6]] }]);
  expect((await written('processed', [value(5)])).writer.parts[0]).not.toHaveProperty('keys');
});

test('writes no part without a value', async () => {
  expect((await written('ingestion', [])).writer.parts).toEqual([]);
});
