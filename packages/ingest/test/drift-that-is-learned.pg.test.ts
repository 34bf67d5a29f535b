import { enumeration, integer, numeric, text, totesysModel } from '@totesys/schema';
import { modelWith } from '../../schema/test/model-with.ts';
import { createIngestedSource, type IngestedSource } from './ingested-source.ts';

let source: IngestedSource;

beforeEach(async () => {
  source = await createIngestedSource();
  await source.run();
});

afterEach(() => source.close());

const sql = () => source.database.sql;

describe('once the model knows the change, the table is read again whole and the run goes on', () => {
  test('a renamed column', async () => {
    await sql().unsafe('alter table design rename column file_name to filename');
    await expect(source.run()).rejects.toMatchObject({ code: 'SOURCE_COLUMN_MISSING' });
    await sql()`update staff set first_name = 'meanwhile' where staff_id = 3`;
    const model = modelWith('design', ({ file_name, ...columns }) => ({ ...columns, filename: file_name }));
    const result = await source.run({ model });
    expect(result).toMatchObject({ outcome: 'committed', rows: 6, deleted: 0, complete: true });
    expect(result.warnings).toEqual([
      "Table 'design' has changed and is read again: 'filename' is read now; 'file_name' is no longer read.",
    ]);
    expect(await source.keysOf(2, 'design')).toEqual([1, 2, 3, 4, 5]);
    expect(await source.run({ model })).toMatchObject({ outcome: 'unchanged', warnings: [] });
  });

  test('a dropped column, and a new one', async () => {
    await sql().unsafe(
      `alter table design drop column file_name; alter table design add column licence text default 'free'`,
    );
    const model = modelWith('design', ({ file_name: _, ...columns }) => ({
      ...columns,
      licence: { type: text(), nullable: true },
    }));
    expect(await source.run({ model })).toMatchObject({ rows: 5, complete: true });
  });

  test('a new label', async () => {
    await sql().unsafe(`alter type "PaymentTypeName" add value 'GIFT'`);
    await expect(source.run()).rejects.toMatchObject({ code: 'SOURCE_LABEL_UNKNOWN' });
    await sql()`insert into payment_type (payment_type_id, payment_type_name, last_updated) values (2, 'GIFT', now())`;
    const model = modelWith('payment_type', (columns) => {
      const labels = ['SALES_RECEIPT', 'SALES_REFUND', 'PURCHASE_PAYMENT', 'PURCHASE_REFUND', 'GIFT'];
      return { ...columns, payment_type_name: { type: enumeration('PaymentTypeName', labels), nullable: false } };
    });
    expect(await source.run({ model })).toMatchObject({ rows: 2, complete: true });
    expect(await source.keysOf(2, 'payment_type')).toEqual([1, 2]);
  });

  test('money of more digits', async () => {
    await sql().unsafe('alter table sales_order alter column unit_price type numeric(12,4)');
    await sql()`update sales_order set unit_price = 12345678.1234 where sales_order_id = 1`;
    const model = modelWith('sales_order', (columns) => ({
      ...columns,
      unit_price: { type: numeric(12, 4), nullable: false },
    }));
    expect(await source.run({ model })).toMatchObject({ rows: 100, quarantined: 0 });
  });

  test('a table that it no longer reads, and one that it reads now', async () => {
    await sql().unsafe('drop table payment');
    await expect(source.run()).rejects.toMatchObject({ code: 'SOURCE_TABLE_MISSING' });
    const gift = { name: 'gift', key: 'gift_id', columns: { gift_id: { type: integer(), nullable: false } } };
    await sql().unsafe('create table gift as select generate_series(1, 3) as gift_id');
    const model = { ...totesysModel, source: [...totesysModel.source.filter(({ name }) => name !== 'payment'), gift] };
    expect(await source.run({ model })).toMatchObject({ outcome: 'committed', rows: 3, complete: true });
    expect(await source.run({ model })).toMatchObject({ outcome: 'unchanged' });
  });
});
