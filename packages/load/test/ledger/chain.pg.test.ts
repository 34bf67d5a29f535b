import { MANIFEST_FORMAT, manifestKey, memoryStore } from '@totesys/lake';
import { type Dimension, totesysModel, type WarehouseColumn } from '@totesys/schema';
import { storeWith } from '../../../lake/test/store-with.ts';
import { endAbandonedHolder, tryLoadLock } from '../../src/ledger/load-lock.ts';
import { createLoadedWarehouse, dimensions, type LoadedWarehouse, order } from '../loaded-warehouse.ts';
import { hashOf, writeBatch } from '../processed-batch.ts';

let warehouse: LoadedWarehouse;

beforeEach(async () => {
  warehouse = await createLoadedWarehouse();
});

afterEach(() => warehouse.close());

const sql = () => warehouse.database.sql;

describe('order and chain', () => {
  test('a second run finds nothing to do', async () => {
    await warehouse.bring({ rows: dimensions });
    expect(await warehouse.run()).toEqual({ outcome: 'unchanged', batches: [], rows: 0, held: 0 });
  });

  test('two loads at the same moment load each batch once', async () => {
    for (let i = 0; i < 4; i++)
      await warehouse.write({ rows: { ...dimensions, fact_sales_order: [order(1, { units_sold: i })] } });
    const other = await warehouse.connect();
    const results = await Promise.all([warehouse.run(), warehouse.run({ warehouse: other })]);
    await warehouse.run();
    const loaded = results.flatMap(({ batches }) => batches);
    expect(new Set(loaded).size).toBe(loaded.length);
    expect(await warehouse.versions(1)).toEqual([0, 1, 2, 3]);
  });

  test('treats a gap as a batch that is not derived yet, and continues once it is', async () => {
    await warehouse.write({ rows: dimensions });
    await writeBatch(warehouse.store, 3, { rows: { dim_staff: [{ staff_id: 9 }] } });
    expect(await warehouse.run()).toMatchObject({ outcome: 'loaded', batches: [1] });
    expect(await warehouse.run()).toMatchObject({ outcome: 'unchanged', batches: [] });
    expect(await warehouse.bring({})).toMatchObject({ outcome: 'loaded', batches: [2, 3] });
  });

  test('refuses a batch whose predecessor is not the one that was loaded', async () => {
    await warehouse.write({ rows: dimensions });
    await writeBatch(warehouse.store, 2, { rows: { dim_staff: [{ staff_id: 9 }] }, previous: hashOf(55) });
    await expect(warehouse.run()).rejects.toMatchObject({
      code: 'CHAIN_BROKEN',
      message: expect.stringContaining('Batch 2 of the lake'),
    });
    expect(await warehouse.ledger()).toEqual([1]);
    expect(await sql()`select from dim_staff where staff_id = 9`).toHaveLength(0);
  });

  test('refuses a manifest of a newer version', async () => {
    await warehouse.write({ rows: dimensions });
    const body = JSON.stringify({ format: MANIFEST_FORMAT + 1, kind: 'processed', batch: 2 });
    await warehouse.store.putIfAbsent(manifestKey(2), Buffer.from(body));
    await expect(warehouse.run()).rejects.toMatchObject({ code: 'MANIFEST_UNREADABLE' });
    expect(await warehouse.ledger()).toEqual([1]);
  });

  test.each<[string, (column: WarehouseColumn) => WarehouseColumn[]]>([
    ['lack one', () => []],
    ['are of another type', (column) => [{ ...column, type: { kind: 'integer' } }]],
  ])('refuses a part whose columns %s, as another model derived them', async (_how, changed) => {
    const dimStaff = totesysModel.warehouse.find(({ name }) => name === 'dim_staff') as Dimension;
    const columns = dimStaff.columns.flatMap((column) => (column.name === 'location' ? changed(column) : [column]));
    const model = { ...totesysModel, warehouse: [{ ...dimStaff, columns }] };
    await warehouse.write({ rows: { dim_staff: [{ staff_id: 1 }] }, model });
    await expect(warehouse.run()).rejects.toMatchObject({
      code: 'OBJECT_CORRUPT',
      message: expect.stringContaining("Column 'location'"),
    });
  });

  test('skips a batch that another load has loaded since it was found', async () => {
    await warehouse.bring({ rows: { ...dimensions, fact_sales_order: [order(1)] } });
    await warehouse.write({ rows: { fact_sales_order: [order(1, { units_sold: 2 })] } });
    await warehouse.write({ rows: { fact_sales_order: [order(1, { units_sold: 3 })] } });
    const other = await warehouse.connect();
    let overtaken = false;
    const processed = storeWith(warehouse.store, {
      find: async (key) => {
        const found = await warehouse.store.find(key);
        if (key === manifestKey(2) && !overtaken) {
          overtaken = true;
          expect(await warehouse.run({ warehouse: other })).toMatchObject({ batches: [2, 3] });
        }
        return found;
      },
    });
    expect(await warehouse.run({ processed })).toMatchObject({ outcome: 'unchanged', batches: [] });
    expect(await warehouse.versions(1)).toEqual([1, 2, 3]);
  });

  test('yields to another load, and ends one whose client has died', async () => {
    await warehouse.bring({ rows: dimensions });
    await warehouse.write({ rows: { dim_staff: [{ staff_id: 9 }] } });
    const other = await warehouse.connect();
    let yielded: unknown;
    const holder = other.begin(async (sql) => {
      expect(await tryLoadLock(sql)).toBe(true);
      yielded = await warehouse.run();
      await warehouse.sql.begin((third) => endAbandonedHolder(third, '0 seconds'));
      await sql`select 1`;
    });
    await expect(holder).rejects.toThrow();
    const reason = expect.stringMatching(/^another load is at work on this warehouse \(.*process \d+, since .* UTC\)$/);
    expect(yielded).toMatchObject({ outcome: 'yielded', batches: [], reason });
    expect(await warehouse.run()).toMatchObject({ outcome: 'loaded', batches: [2] });
  });

  test('fails while a load whose session looks dead holds the lock', async () => {
    await warehouse.bring({ rows: dimensions });
    await warehouse.write({ rows: { dim_staff: [{ staff_id: 9 }] } });
    const other = await warehouse.connect();
    await other.begin(async (holder) => {
      expect(await tryLoadLock(holder)).toBe(true);
      await expect(warehouse.run({ holderLimits: { staleMs: 0, betweenMs: 1 } })).rejects.toMatchObject({
        code: 'LOCK_ABANDONED',
        message: expect.stringMatching(/has been 'idle in transaction' without a change.*pg_terminate_backend/),
      });
    });
    expect(await warehouse.run()).toMatchObject({ outcome: 'loaded', batches: [2] });
  });

  test('a load that loses its connection leaves nothing', async () => {
    await warehouse.write({ rows: { ...dimensions, fact_sales_order: [order(1)] } });
    const processed = storeWith(warehouse.store, {
      get: async (key) => {
        if (key.startsWith('fact_')) {
          await sql()`
            select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
               and xact_start is not null and query ilike 'copy%'`;
        }
        return warehouse.store.get(key);
      },
    });
    await expect(warehouse.run({ processed })).rejects.toMatchObject({ name: 'PipelineError' });
    expect(await sql()`select from dim_staff`).toHaveLength(0);
    expect(await warehouse.ledger()).toEqual([]);
    expect(await warehouse.run()).toMatchObject({ batches: [1], held: 0 });
    expect(await warehouse.versions(1)).toEqual([1]);
  });

  test('refuses the lake of another warehouse', async () => {
    await warehouse.bring({ rows: dimensions });
    await sql()`update etl.ledger set manifest_sha256 = ${hashOf(77)}`;
    await expect(warehouse.run()).rejects.toMatchObject({ code: 'CHAIN_BROKEN' });
    await expect(warehouse.run({ processed: memoryStore() })).rejects.toMatchObject({
      code: 'CHAIN_BROKEN',
      message: expect.stringContaining('does not fit the ledger'),
    });
  });

  test('a load that is killed leaves nothing, and the next one loads the batch once', async () => {
    await warehouse.write({ rows: { ...dimensions, fact_sales_order: [order(1)] } });
    const processed = storeWith(warehouse.store, {
      get: async (key) => {
        if (key.startsWith('fact_')) throw new Error('killed');
        return warehouse.store.get(key);
      },
    });
    await expect(warehouse.run({ processed })).rejects.toThrow('killed');
    expect(await sql()`select from dim_staff`).toHaveLength(0);
    await warehouse.run();
    expect(await warehouse.versions(1)).toEqual([1]);
  });

  test('a part that differs from its manifest stops its whole batch', async () => {
    await warehouse.write({ rows: { ...dimensions, fact_sales_order: [order(1)] } });
    const processed = storeWith(warehouse.store, {
      get: async (key) => {
        const body = await warehouse.store.get(key);
        return key.startsWith('fact_') ? body.subarray(0, 100) : body;
      },
    });
    await expect(warehouse.run({ processed })).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
    expect(await sql()`select from dim_staff`).toHaveLength(0);
  });
});
