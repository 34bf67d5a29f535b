import { decodeParquet } from '@totesys/lake';
import { createIngestedSource, type IngestedSource } from './ingested-source.ts';

let totesys: IngestedSource;

beforeEach(async () => {
  totesys = await createIngestedSource();
  await totesys.run();
});

afterEach(async () => {
  await totesys.close();
});

describe('a run that meets a value that Arrow cannot carry', () => {
  test('quarantines an amount that is no number with its exact text, and carries the rest', async () => {
    await totesys.database.sql.unsafe(`update sales_order set unit_price = 'NaN' where sales_order_id = 5`);
    await totesys.database.sql`update sales_order set units_sold = 1 where sales_order_id = 6`;
    await totesys.database.sql.unsafe(
      `update sales_order set unit_price = 'NaN', created_at = 'infinity' where sales_order_id = 7`,
    );
    expect(await totesys.run()).toMatchObject({ rows: 1, quarantined: 2, deleted: 0 });
    const { quarantined } = await totesys.newest();
    const [rows] = [...decodeParquet(await totesys.store.get(quarantined[0]!.key))];
    const values = rows!.toArray().map((row) => row.toJSON());
    const value = values.find(({ key }) => key === 5n);
    expect(values).toHaveLength(3);
    expect(value).toMatchObject({ column: 'unit_price', reason: 'NaN', text: 'NaN' });
    expect(JSON.parse(value!.row)).toMatchObject({ sales_order_id: '5', units_sold: '5' });
    expect(await totesys.run()).toMatchObject({ outcome: 'unchanged' });
  });

  test('fills a batch with rows in quarantine as with others', async () => {
    await totesys.database.sql.unsafe(`update sales_order set unit_price = 'NaN', created_at = 'infinity'`);
    const results = await totesys.runAll({ batchRows: 40 });
    const filled = results.map((result) => result.outcome === 'committed' && result.quarantined);
    expect(filled).toEqual([40, 40, 20]);
  });

  test('carries a dimension row without the stamp that Arrow cannot carry', async () => {
    await totesys.database.sql.unsafe(`update department set last_updated = 'infinity' where department_id = 1`);
    expect(await totesys.run()).toMatchObject({ rows: 1, quarantined: 1 });
    expect(await totesys.keysOf(2, 'department')).toEqual([1]);
  });
});
