import { decodeParquet, memoryStore, readProcessedManifest } from '@totesys/lake';
import { silentTelemetry } from '@totesys/runtime';
import { type Model, numeric, type SourceTable, totesysModel } from '@totesys/schema';
import { exactText } from '../src/exact-text.ts';
import { transform } from '../src/transform.ts';
import { writeBatch } from './ingestion-batch.ts';

const ingestion = () => memoryStore('memory://ingestion');

// The model as it was when ingest wrote the batch: without some columns, or with other types.
function olderModel(table: string, change: (columns: SourceTable['columns']) => SourceTable['columns']): Model {
  const source = totesysModel.source.map((each) =>
    each.name === table ? { ...each, columns: change(each.columns) } : each,
  );
  return { ...totesysModel, source };
}

const without =
  (...names: string[]) =>
  (columns: SourceTable['columns']) =>
    Object.fromEntries(Object.entries(columns).filter(([name]) => !names.includes(name)));

async function transformed(store: ReturnType<typeof memoryStore>) {
  const processed = memoryStore('memory://processed');
  await transform({ model: totesysModel, ingestion: store, processed, telemetry: silentTelemetry }, 'newest');
  const { manifest } = await readProcessedManifest(processed, 1);
  const rowsOf = async (name: string) => {
    const { columns } = totesysModel.warehouse.find((table) => table.name === name)!;
    const rows = [];
    for (const part of manifest.parts.filter(({ table }) => table === name)) {
      for (const decoded of decodeParquet(await processed.get(part.key))) {
        for (let row = 0; row < decoded.numRows; row++) {
          const value = (at: string, i: number) => exactText(columns[i]!.type, decoded.getChild(at)!.data[0]!, row);
          rows.push(Object.fromEntries(columns.map((column, i) => [column.name, value(column.name, i)])));
        }
      }
    }
    return rows;
  };
  return { manifest, processed, rowsOf };
}

describe('a batch that ingest wrote before the model knew of a column', () => {
  test('is derived with nulls there, in the row itself and in what it joins to', async () => {
    const store = ingestion();
    const model = olderModel('address', without('address_line_2', 'district'));
    const address = { address_id: 4, address_line_1: '1 Road', city: 'Leeds', phone: '0113' };
    await writeBatch(
      store,
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
    const { rowsOf } = await transformed(store);
    expect(await rowsOf('dim_location')).toMatchObject([
      {
        location_id: '4',
        address_line_1: '1 Road',
        address_line_2: null,
        district: null,
        city: 'Leeds',
        phone: '0113',
      },
    ]);
    expect(await rowsOf('dim_counterparty')).toMatchObject([
      {
        counterparty_legal_address_line_1: '1 Road',
        counterparty_legal_district: null,
        counterparty_legal_city: 'Leeds',
      },
    ]);
  });

  test('has its facts in quarantine where the column must have a value, each value in its own place', async () => {
    const store = ingestion();
    const model = olderModel('sales_order', without('units_sold'));
    const order = { sales_order_id: 7, counterparty_id: 5, unit_price: 1234n, currency_id: 2 };
    await writeBatch(store, 1, null, [{ table: 'sales_order', rows: [order] }], { model });
    const { manifest, processed, rowsOf } = await transformed(store);
    expect(await rowsOf('fact_sales_order')).toEqual([]);
    const broken = [];
    for (const decoded of decodeParquet(await processed.get(manifest.quarantined[0]!.key)))
      broken.push(...decoded.toArray().map((row) => row.toJSON()));
    expect(broken).toMatchObject([
      { key: 7n, column: 'units_sold', reason: 'null where a value is needed', text: null },
    ]);
    expect(JSON.parse(broken[0]!.row)).toMatchObject({
      counterparty_id: '5',
      units_sold: null,
      unit_price: '12.34',
      currency_id: '2',
    });
  });
});

test('a column of another type is an error, never read as if it were the model’s', async () => {
  const store = ingestion();
  const model = olderModel('sales_order', (columns) => ({
    ...columns,
    unit_price: { type: numeric(10, 3), nullable: false },
  }));
  await writeBatch(store, 1, null, [{ table: 'sales_order', rows: [{ sales_order_id: 7 }] }], { model });
  await expect(transformed(store)).rejects.toMatchObject({
    code: 'OBJECT_CORRUPT',
    message: expect.stringContaining("column 'unit_price' of table 'sales_order'"),
  });
});
