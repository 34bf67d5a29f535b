import { createHash } from 'node:crypto';
import { readIngestionManifest, writeRequest } from '@totesys/lake';
import { createIngestedSource, type IngestedSource } from './ingested-source.ts';

let totesys: IngestedSource;

beforeEach(async () => {
  totesys = await createIngestedSource();
});

afterEach(async () => {
  await totesys.close();
});

describe('a first load', () => {
  test('carries every row once and covers every table', async () => {
    const result = await totesys.run();
    expect(result).toMatchObject({ outcome: 'committed', batch: 1, complete: true, deleted: 0, quarantined: 0 });
    expect(await totesys.keysOf(1, 'sales_order')).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(await totesys.keysOf(1, 'staff')).toHaveLength(8);
    const manifest = await totesys.newest();
    expect(manifest.tables.sales_order).toMatchObject({ coverage: 'full', keys: { count: 100, ranges: [[1, 100]] } });
  });

  test('names every object of the batch in its manifest with the checksum it has', async () => {
    await totesys.run();
    const manifest = await totesys.newest();
    const named = [...manifest.parts, ...manifest.deleted, ...manifest.quarantined, ...manifest.state];
    expect((await totesys.objectKeys()).filter((key) => key.endsWith('.parquet')).sort()).toEqual(
      named.map(({ key }) => key).sort(),
    );
    for (const part of named) {
      const bytes = await totesys.store.get(part.key);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(part.sha256);
      expect(bytes.length).toBe(part.bytes);
    }
  });

  test('is a series of ordinary batches where a budget ends each, with the same rows in all', async () => {
    await totesys.runAll({ batchRows: 20 });
    expect((await totesys.newest()).batch).toBeGreaterThan(5);
    const keys = await totesys.carried('sales_order');
    expect(keys.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  });

  test('of another source into the same lake is one batch, or stops before the first, where covering is limited', async () => {
    await totesys.orders(1001, 3000);
    await totesys.run();
    const other = await createIngestedSource();
    try {
      other.store = totesys.store;
      await expect(other.run({ coveringRows: 25 })).rejects.toMatchObject({ code: 'DELETES_UNUSUAL' });
      expect((await totesys.newest()).batch).toBe(1);
      await writeRequest(totesys.store, { kind: 'accept-deletes', table: 'sales_order' });
      expect(await other.run({ coveringRows: 25 })).toMatchObject({ batch: 2, complete: true, deleted: 2_000 });
    } finally {
      await other.close();
    }
  });

  test('ends its batches at the end of a table where covering is limited', async () => {
    await totesys.runAll({ coveringRows: 45 });
    const { batch } = await totesys.newest();
    const tables: string[][] = [];
    for (let number = 1; number <= batch; number++) {
      const { manifest } = await readIngestionManifest(totesys.store, number);
      tables.push([...new Set(manifest.parts.filter(({ role }) => role === 'changed').map(({ table }) => table))]);
    }
    // 30 addresses and 20 counterparties pass the limit; 100 orders in one batch pass it alone.
    expect(tables).toEqual([
      ['address', 'counterparty'],
      ['currency', 'department', 'design', 'staff', 'sales_order'],
      ['payment_type'],
    ]);
    expect(await totesys.keysOf(2, 'sales_order')).toHaveLength(100);
  });

  test('records that a table is covered although the last run finds no further row', async () => {
    await totesys.database.sql`
      insert into payment_type select g, 'SALES_REFUND', now(), now() from generate_series(2, 20) g`;
    const results = await totesys.runAll({ batchRows: 20 });
    expect(results.at(-1)).toMatchObject({ outcome: 'committed', rows: 0, complete: true });
    const { tables } = await totesys.newest();
    expect(Object.values(tables).filter(({ coverage }) => coverage !== 'full')).toEqual([]);
    const objects = await totesys.objectKeys();
    expect(await totesys.run()).toMatchObject({ outcome: 'unchanged' });
    expect(await totesys.objectKeys()).toEqual(objects);
  });

  test('records the new layout of an empty table, so that only one run warns', async () => {
    await totesys.run();
    await totesys.database.sql`alter table payment drop column paid, add column paid boolean not null`;
    const warnings = [expect.stringContaining("Table 'payment' has changed and is read again")];
    expect(await totesys.run()).toMatchObject({ outcome: 'committed', rows: 0, complete: true, warnings });
    expect(await totesys.run()).toEqual({ outcome: 'unchanged', warnings: [] });
  });

  test('writes no object while the source is empty', async () => {
    await totesys.database.sql`truncate address, currency, department, design, payment_type cascade`;
    expect(await totesys.run()).toMatchObject({ outcome: 'unchanged' });
    expect(await totesys.objectKeys()).toEqual([]);
  });

  test('carries a dimension row that is inserted while the facts are being covered', async () => {
    for (let i = 0; i < 6; i++) await totesys.run({ batchRows: 20 });
    await totesys.database
      .sql`insert into staff (staff_id, first_name, last_name, department_id, email_address, last_updated) values (99, 'a', 'b', 1, 'c', now())`;
    await totesys.database.sql`update sales_order set staff_id = 99 where sales_order_id = 100`;
    await totesys.runAll({ batchRows: 20 });
    expect((await totesys.carried('staff')).filter((key) => key === 99)).toEqual([99]);
  });

  test('carries the rows that each part of a joining table looks up', async () => {
    await totesys.run();
    const { parts } = await totesys.newest();
    const staff = parts.find(({ table }) => table === 'staff')!;
    expect(parts.filter(({ lookupFor }) => lookupFor?.some(({ part }) => part === staff.key))).toMatchObject([
      { table: 'department', role: 'lookup', rows: 4, lookupFor: [{ by: 'department_id' }] },
    ]);
  });
});
