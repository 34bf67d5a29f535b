import { createHash } from 'node:crypto';
import { MOST_TEXT_BYTES } from '@totesys/schema';
import { createIngestedSource, type IngestedSource } from './ingested-source.ts';

const LENGTH = MOST_TEXT_BYTES + 1;
const REASON = `text over 16 MiB: ${LENGTH} bytes, SHA-256 ${createHash('sha256').update('x'.repeat(LENGTH)).digest('hex')}`;

let totesys: IngestedSource;

beforeEach(async () => {
  totesys = await createIngestedSource();
  await totesys.run();
});

afterEach(async () => {
  await totesys.close();
});

describe('a run that meets a text over 16 MiB', () => {
  test('quarantines the row of a fact with length and SHA-256, and carries it when the text is shorter', async () => {
    const { sql } = totesys.database;
    await sql`update sales_order set agreed_delivery_date = repeat('x', ${LENGTH}::int) where sales_order_id = 5`;
    await sql`update sales_order set units_sold = 1 where sales_order_id = 6`;
    expect(await totesys.run()).toMatchObject({ batch: 2, rows: 1, quarantined: 1, deleted: 0 });
    expect(await totesys.keysOf(2, 'sales_order')).toEqual([6]);
    expect(await totesys.quarantined(2, 'sales_order')).toEqual([
      { key: 5, column: 'agreed_delivery_date', reason: REASON, text: null },
    ]);
    expect(await totesys.run()).toMatchObject({ outcome: 'unchanged' });
    await sql`update sales_order set agreed_delivery_date = '2023-01-03' where sales_order_id = 5`;
    expect(await totesys.run()).toMatchObject({ rows: 1, quarantined: 0, deleted: 0 });
    expect(await totesys.keysOf(3, 'sales_order')).toEqual([5]);
  });

  test('carries the row of a dimension without the text, and quarantines each such text', async () => {
    const { sql } = totesys.database;
    await sql`update design set file_name = repeat('x', ${LENGTH}::int), design_name = repeat('x', ${LENGTH}::int)
               where design_id = 1`;
    expect(await totesys.run()).toMatchObject({ rows: 1, quarantined: 1 });
    expect(await totesys.keysOf(2, 'design')).toEqual([1]);
    expect(await totesys.quarantined(2, 'design')).toEqual([
      { key: 1, column: 'design_name', reason: REASON, text: null },
      { key: 1, column: 'file_name', reason: REASON, text: null },
    ]);
  });

  test('quarantines a row that also has another value that cannot be carried, with the texts that fit', async () => {
    const { sql } = totesys.database;
    await sql`update sales_order set agreed_delivery_date = repeat('x', ${LENGTH}::int), unit_price = 'NaN'
               where sales_order_id = 5`;
    expect(await totesys.run()).toMatchObject({ rows: 0, quarantined: 1 });
    expect(await totesys.quarantined(2, 'sales_order')).toEqual([
      { key: 5, column: 'unit_price', reason: 'NaN', text: 'NaN' },
      { key: 5, column: 'agreed_delivery_date', reason: REASON, text: null },
    ]);
  });
});
