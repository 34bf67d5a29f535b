import { numeric, type SourceTable } from '@totesys/schema';
import { modelWith } from '../../schema/test/model-with.ts';
import { writeBatch } from './ingestion-batch.ts';
import { createTransformedLakes, type TransformedLakes } from './transformed-lakes.ts';

let lakes: TransformedLakes;

beforeEach(() => {
  lakes = createTransformedLakes();
});

// A table as it was before the model had some columns.
const without =
  (...names: string[]) =>
  (columns: SourceTable['columns']) =>
    Object.fromEntries(Object.entries(columns).filter(([name]) => !names.includes(name)));

describe('a batch that ingest wrote before the model had a column', () => {
  test('is derived with nulls in that column, in its own rows and in those it joins to', async () => {
    const model = modelWith('address', without('address_line_2', 'district'));
    const address = { address_id: 4, address_line_1: '1 Road', city: 'Leeds', phone: '0113' };
    await writeBatch(
      lakes.ingestion,
      1,
      null,
      [
        { table: 'address', rows: [address] },
        {
          table: 'counterparty',
          rows: [{ counterparty_id: 2, legal_address_id: 4 }],
          lookups: { legal_address_id: { table: 'address', rows: [address] } },
        },
      ],
      { model },
    );
    await lakes.run();
    expect(await lakes.rowsOf(1, 'dim_location')).toMatchObject([
      {
        location_id: '4',
        address_line_1: '1 Road',
        address_line_2: null,
        district: null,
        city: 'Leeds',
        phone: '0113',
      },
    ]);
    expect(await lakes.rowsOf(1, 'dim_counterparty')).toMatchObject([
      {
        counterparty_legal_address_line_1: '1 Road',
        counterparty_legal_district: null,
        counterparty_legal_city: 'Leeds',
      },
    ]);
  });

  test('has its facts in quarantine when the column must have a value, with each value in its own column', async () => {
    const model = modelWith('sales_order', without('units_sold'));
    const order = { sales_order_id: 7, counterparty_id: 5, unit_price: 1234n, currency_id: 2 };
    await writeBatch(lakes.ingestion, 1, null, [{ table: 'sales_order', rows: [order] }], { model });
    await lakes.run();
    expect(await lakes.rowsOf(1, 'fact_sales_order')).toEqual([]);
    const broken = await lakes.quarantineOf(1);
    expect(broken).toMatchObject([
      { key: 7n, column: 'units_sold', reason: 'null where a value is needed', text: null },
    ]);
    expect(JSON.parse(broken[0]!.row as string)).toMatchObject({
      counterparty_id: '5',
      units_sold: null,
      unit_price: '12.34',
      currency_id: '2',
    });
  });
});

test('a column of another type is an error', async () => {
  const model = modelWith('sales_order', (columns) => ({
    ...columns,
    unit_price: { type: numeric(10, 3), nullable: false },
  }));
  await writeBatch(lakes.ingestion, 1, null, [{ table: 'sales_order', rows: [{ sales_order_id: 7 }] }], { model });
  await expect(lakes.run()).rejects.toMatchObject({
    code: 'OBJECT_CORRUPT',
    message: expect.stringContaining("Column 'unit_price' of table 'sales_order'"),
  });
});
