import { createHash } from 'node:crypto';
import { decodeParquet, formatBatch, type IngestionManifest, memoryStore, readIngestionManifest } from '@totesys/lake';
import { connect, type Sql, type StageTelemetry, silentTelemetry } from '@totesys/runtime';
import { createTestDatabase, type TestDatabase } from '@totesys/sandbox';
import { totesysModel } from '@totesys/schema';
import { ingest } from '../src/ingest.ts';

let database: TestDatabase;
let source: Sql;
let store: ReturnType<typeof memoryStore>;

beforeEach(async () => {
  database = await createTestDatabase({ totesys: true });
  source = await connect(database.url, { subject: 'source', connections: 4, applicationName: 'test' });
  store = memoryStore();
  await database.sql.unsafe(`
    insert into address (address_id, address_line_1, city, postal_code, country, phone, created_at, last_updated)
      select g, 'line ' || g, 'city', '0' || g, 'country', '1', now(), now() from generate_series(1, 30) g;
    insert into counterparty (counterparty_id, counterparty_legal_name, legal_address_id, created_at, last_updated)
      select g, 'party ' || g, g, now(), now() from generate_series(1, 20) g;
    insert into currency (currency_id, currency_code, created_at, last_updated) values (1, 'GBP', now(), now());
    insert into department (department_id, department_name, location, created_at, last_updated)
      select g, 'department ' || g, 'Leeds', now(), now() from generate_series(1, 4) g;
    insert into design (design_id, design_name, file_location, file_name, created_at, last_updated)
      select g, 'design ' || g, '/a', 'b', now(), now() from generate_series(1, 5) g;
    insert into staff (staff_id, first_name, last_name, department_id, email_address, created_at, last_updated)
      select g, 'first', 'last', 1 + g % 4, 'e', now(), now() from generate_series(1, 8) g;
    insert into payment_type (payment_type_id, payment_type_name, created_at, last_updated) values (1, 'SALES_RECEIPT', now(), now())`);
  await orders(1, 100);
});

afterEach(async () => {
  await source.end();
  await database.drop();
});

const orders = (from: number, to: number) =>
  database.sql.unsafe(
    `insert into sales_order (sales_order_id, design_id, staff_id, counterparty_id, units_sold, unit_price, currency_id,
       agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id, created_at, last_updated)
     select g, 1, 1, 1, g, 1.5, 1, '2023-01-01', '2023-01-02', 1, now(), now() from generate_series($1::int, $2::int) g`,
    [from, to],
  );

const run = (batchRows = 1_000_000, telemetry: StageTelemetry<'ingest'> = silentTelemetry) =>
  ingest({
    model: totesysModel,
    source,
    ingestion: store,
    telemetry,
    limits: { batchRows, deadlineMs: Number.MAX_SAFE_INTEGER },
    codeVersion: 'test',
  });

async function runAll(batchRows?: number): Promise<number> {
  for (let runs = 1; runs < 500; runs++) {
    const result = await run(batchRows);
    if (result.outcome !== 'committed' || result.complete) return runs;
  }
  throw new Error('Ingest came to no end.');
}

async function keysOf(batch: number, table: string, role = 'changed'): Promise<number[]> {
  const { manifest } = await readIngestionManifest(store, batch);
  const parts = role === 'deleted' ? manifest.deleted : manifest.parts.filter((part) => part.role === role);
  const keys: number[] = [];
  for (const part of parts.filter((part) => part.table === table)) {
    for (const rows of decodeParquet(await store.get(part.key))) keys.push(...rows.getChild(`${table}_id`)!.toArray());
  }
  return keys.sort((a, b) => a - b);
}

async function objectKeys(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list('')) keys.push(key);
  return keys;
}

const newest = async (): Promise<IngestionManifest> => {
  const manifests = (await objectKeys()).filter((key) => key.startsWith('_manifests/'));
  return (await readIngestionManifest(store, manifests.length)).manifest;
};

describe('a first load', () => {
  test('carries every row once and covers every table', async () => {
    const result = await run();
    expect(result).toMatchObject({ outcome: 'committed', batch: 1, complete: true, deleted: 0, quarantined: 0 });
    expect(await keysOf(1, 'sales_order')).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(await keysOf(1, 'staff')).toHaveLength(8);
    const manifest = await newest();
    expect(manifest.tables.sales_order).toMatchObject({ coverage: 'full', keys: { count: 100, ranges: [[1, 100]] } });
  });

  test('names every object of the batch in its manifest with the checksum it has', async () => {
    await run();
    const manifest = await newest();
    const named = [...manifest.parts, ...manifest.deleted, ...manifest.quarantined, ...manifest.state];
    expect((await objectKeys()).filter((key) => key.endsWith('.parquet')).sort()).toEqual(
      named.map(({ key }) => key).sort(),
    );
    for (const part of named) {
      const bytes = await store.get(part.key);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(part.sha256);
      expect(bytes.length).toBe(part.bytes);
    }
  });

  test('is a series of ordinary batches where a budget ends each, with the same rows in all', async () => {
    await runAll(20);
    const manifest = await newest();
    expect(manifest.batch).toBeGreaterThan(5);
    const keys: number[] = [];
    for (let batch = 1; batch <= manifest.batch; batch++) keys.push(...(await keysOf(batch, 'sales_order')));
    expect(keys.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  });

  test('carries a dimension row that is inserted while the facts are being covered', async () => {
    for (let i = 0; i < 6; i++) await run(20);
    await database.sql`insert into staff (staff_id, first_name, last_name, department_id, email_address, last_updated) values (99, 'a', 'b', 1, 'c', now())`;
    await database.sql`update sales_order set staff_id = 99 where sales_order_id = 100`;
    await runAll(20);
    const last = (await newest()).batch;
    const batches = await Promise.all(Array.from({ length: last }, (_, i) => keysOf(i + 1, 'staff')));
    expect(batches.flat().filter((key) => key === 99)).toEqual([99]);
  });

  test('carries the rows that each part of a joining table looks up', async () => {
    await run();
    const { parts } = await newest();
    const staff = parts.find(({ table }) => table === 'staff')!;
    expect(parts.filter(({ lookupFor }) => lookupFor?.some(({ part }) => part === staff.key))).toMatchObject([
      { table: 'department', role: 'lookup', rows: 4, lookupFor: [{ by: 'department_id' }] },
    ]);
  });
});

describe('a run after it', () => {
  beforeEach(async () => {
    await run();
  });

  test('writes no object when nothing changed', async () => {
    const before = await objectKeys();
    expect(await run()).toMatchObject({ outcome: 'unchanged' });
    expect(await objectKeys()).toEqual(before);
  });

  test('writes no object after VACUUM FULL, CLUSTER and REINDEX', async () => {
    await database.sql.unsafe('vacuum full sales_order');
    await database.sql.unsafe('cluster staff using staff_pkey');
    await database.sql.unsafe('reindex table sales_order');
    expect(await run()).toMatchObject({ outcome: 'unchanged' });
  });

  test('finds an edit that left last_updated alone', async () => {
    await database.sql`update sales_order set units_sold = 7 where sales_order_id = 42`;
    expect(await run()).toMatchObject({ outcome: 'committed', batch: 2, rows: 1 });
    expect(await keysOf(2, 'sales_order')).toEqual([42]);
  });

  test('finds a row of a transaction that was open during a run and commits later', async () => {
    const writer = await database.sql.reserve();
    await writer`begin`;
    await writer`update sales_order set units_sold = 1 where sales_order_id = 10`;
    await database.sql`update sales_order set units_sold = 2 where sales_order_id = 11`;
    await run();
    expect(await keysOf(2, 'sales_order')).toEqual([11]);
    await writer`commit`;
    writer.release();
    await run();
    expect(await keysOf(3, 'sales_order')).toEqual([10]);
  });

  test('finds a row that was written under a savepoint', async () => {
    const writer = await database.sql.reserve();
    await writer`begin`;
    await writer`update sales_order set units_sold = 1 where sales_order_id = 20`;
    await writer`savepoint s`;
    await writer`update sales_order set units_sold = 1 where sales_order_id = 21`;
    await writer`release savepoint s`;
    await database.sql`update sales_order set units_sold = 2 where sales_order_id = 11`;
    await run();
    expect(await keysOf(2, 'sales_order')).toEqual([11]);
    await writer`commit`;
    writer.release();
    await run();
    expect(await keysOf(3, 'sales_order')).toEqual([20, 21]);
  });

  test('carries each row once beside a writer that stays open, however many runs pass', async () => {
    const writer = await database.sql.reserve();
    await writer`begin`;
    await writer`update design set design_name = 'open' where design_id = 5`;
    const carried: number[] = [];
    for (let i = 0; i < 40; i++) {
      await orders(1000 + i, 1000 + i);
      expect(await run()).toMatchObject({ outcome: 'committed', rows: 1 });
      carried.push(...(await keysOf(2 + i, 'sales_order')));
    }
    expect(carried).toEqual(Array.from({ length: 40 }, (_, i) => 1000 + i));
    expect(await run()).toMatchObject({ outcome: 'unchanged' });
    const manifest = await newest();
    // The pairs were written anew at least once, so that a run does not read a part a minute.
    expect(manifest.batch - manifest.pairsSince!).toBeLessThan(34);
    await writer`commit`;
    writer.release();
    expect(await run()).toMatchObject({ outcome: 'committed', rows: 1 });
    expect(await keysOf(42, 'design')).toEqual([5]);
  });

  test('names deleted keys, and a changed key as a delete and an insert', async () => {
    await database.sql`delete from sales_order where sales_order_id in (3, 50)`;
    await database.sql`update sales_order set sales_order_id = 500 where sales_order_id = 7`;
    expect(await run()).toMatchObject({ rows: 1, deleted: 3 });
    expect(await keysOf(2, 'sales_order', 'deleted')).toEqual([3, 7, 50]);
    expect(await keysOf(2, 'sales_order')).toEqual([500]);
    expect((await newest()).tables.sales_order!.keys).toEqual({
      count: 98,
      ranges: [
        [1, 2],
        [4, 6],
        [8, 49],
        [51, 100],
        [500, 500],
      ],
    });
  });

  test('finds a delete that an insert hides in the count', async () => {
    await database.sql`delete from sales_order where sales_order_id = 3`;
    await orders(101, 101);
    expect(await run()).toMatchObject({ rows: 1, deleted: 1 });
    expect(await keysOf(2, 'sales_order', 'deleted')).toEqual([3]);
  });

  test('reads a row that is deleted and inserted again as changed', async () => {
    await database.sql`delete from sales_order where sales_order_id = 3`;
    await orders(3, 3);
    expect(await run()).toMatchObject({ rows: 1, deleted: 0 });
  });

  test('brings the staff of a department that changed along as context, with their departments', async () => {
    await database.sql`update department set location = 'York' where department_id = 2`;
    await run();
    const manifest = await newest();
    expect(await keysOf(2, 'department')).toEqual([2]);
    expect(await keysOf(2, 'staff')).toEqual([]);
    expect(await keysOf(2, 'staff', 'context')).toEqual([1, 5]);
    expect(manifest.parts.filter(({ role }) => role === 'lookup')).toMatchObject([{ table: 'department', rows: 1 }]);
  });

  test('names the rows that two parts look up alike once, as one object', async () => {
    await database.sql`update department set location = 'York' where department_id = 2`;
    await database.sql`update staff set first_name = 'x' where staff_id = 1`;
    await run();
    const { parts } = await newest();
    expect(new Set(parts.map(({ key }) => key)).size).toBe(parts.length);
    const [lookup] = parts.filter(({ role }) => role === 'lookup');
    expect(lookup).toMatchObject({
      table: 'department',
      rows: 1,
      lookupFor: [{ by: 'department_id' }, { by: 'department_id' }],
    });
  });

  test('does not bring staff along twice who changed themselves', async () => {
    await database.sql`update department set location = 'York' where department_id = 2`;
    await database.sql`update staff set first_name = 'x' where staff_id = 1`;
    await run();
    expect(await keysOf(2, 'staff')).toEqual([1]);
    expect(await keysOf(2, 'staff', 'context')).toEqual([5]);
  });

  test('reads a table again whose column was dropped and added with a default, as no transaction id tells', async () => {
    await database.sql.unsafe(
      `alter table design drop column file_name; alter table design add column file_name text not null default 'new'`,
    );
    expect(await run()).toMatchObject({ outcome: 'committed', rows: 5 });
    expect(await keysOf(2, 'design')).toEqual([1, 2, 3, 4, 5]);
  });

  test('reads a table again whose enum labels were swapped', async () => {
    await database.sql.unsafe(`alter type "PaymentTypeName" rename value 'SALES_RECEIPT' to 'x';
      alter type "PaymentTypeName" rename value 'SALES_REFUND' to 'SALES_RECEIPT'; alter type "PaymentTypeName" rename value 'x' to 'SALES_REFUND'`);
    expect(await run()).toMatchObject({ outcome: 'committed', rows: 1 });
  });

  test('stops at a large share of deleted rows until they are back or a person accepts it', async () => {
    await orders(1001, 4000);
    await run();
    await database.sql`delete from sales_order where sales_order_id > 2000`;
    const before = await objectKeys();
    await expect(run()).rejects.toMatchObject({
      code: 'DELETES_UNUSUAL',
      message: expect.stringContaining('2000 of 3100'),
    });
    await expect(run()).rejects.toMatchObject({ code: 'DELETES_UNUSUAL' });
    expect((await objectKeys()).filter((key) => key.startsWith('_manifests'))).toEqual(
      before.filter((key) => key.startsWith('_manifests')),
    );
    await store.putIfAbsent('_requests/a.json', Buffer.from('{ "kind": "accept-deletes", "table": "sales_order" }'));
    expect(await run()).toMatchObject({ deleted: 2000 });
    expect((await newest()).requests).toEqual(['a']);
    expect(await run()).toMatchObject({ outcome: 'unchanged' });
  });

  test('lets coverage fall back at a mass update larger than its budget, and loses nothing', async () => {
    await database.sql`update counterparty set commercial_contact = 'mass'`;
    await orders(101, 110);
    expect(await run(8)).toMatchObject({ outcome: 'committed', complete: false });
    const manifest = await newest();
    expect(manifest.tables.counterparty!.coverage).toEqual({ through: 8 });
    expect(manifest.tables.sales_order!.coverage).toBe('none');
    expect(manifest.tables.sales_order!.keys.count).toBe(100);
    await runAll(50);
    expect((await newest()).tables.sales_order).toMatchObject({ coverage: 'full', keys: { count: 110 } });
    const batches = await Promise.all(
      Array.from({ length: (await newest()).batch - 1 }, (_, i) => keysOf(i + 2, 'counterparty')),
    );
    expect([...new Set(batches.flat())]).toHaveLength(20);
  });

  test('notices rows that vanish while their range is covered again', async () => {
    await database.sql`update counterparty set commercial_contact = 'mass'`;
    await run(8);
    await database.sql`delete from sales_order where sales_order_id = 77`;
    await runAll(50);
    const last = (await newest()).batch;
    const deleted = await Promise.all(Array.from({ length: last }, (_, i) => keysOf(i + 1, 'sales_order', 'deleted')));
    expect(deleted.flat()).toEqual([77]);
  });

  test('quarantines an amount that is no number with its exact text, and carries the rest', async () => {
    await database.sql.unsafe(`update sales_order set unit_price = 'NaN' where sales_order_id = 5`);
    await database.sql`update sales_order set units_sold = 1 where sales_order_id = 6`;
    await database.sql.unsafe(
      `update sales_order set unit_price = 'NaN', created_at = 'infinity' where sales_order_id = 7`,
    );
    expect(await run()).toMatchObject({ rows: 1, quarantined: 2, deleted: 0 });
    const { quarantined } = await newest();
    const [rows] = [...decodeParquet(await store.get(quarantined[0]!.key))];
    const values = rows!.toArray().map((row) => row.toJSON());
    const value = values.find(({ key }) => key === 5n);
    expect(values).toHaveLength(3);
    expect(value).toMatchObject({ column: 'unit_price', reason: 'NaN', text: 'NaN' });
    expect(JSON.parse(value!.row)).toMatchObject({ sales_order_id: '5', units_sold: '5' });
    expect(await run()).toMatchObject({ outcome: 'unchanged' });
  });

  test('carries a dimension row without the stamp that Arrow cannot carry', async () => {
    await database.sql.unsafe(`update department set last_updated = 'infinity' where department_id = 1`);
    expect(await run()).toMatchObject({ rows: 1, quarantined: 1 });
    expect(await keysOf(2, 'department')).toEqual([1]);
  });

  test('yields while another run holds the source', async () => {
    const other = await database.sql.reserve();
    await other`select pg_advisory_lock(8389772276738093361)`;
    expect(await run()).toMatchObject({ outcome: 'yielded' });
    await other`select pg_advisory_unlock(8389772276738093361)`;
    other.release();
  });

  test('chains each manifest to the one before it and starts where that one ended', async () => {
    await orders(101, 101);
    await run();
    const first = await readIngestionManifest(store, 1);
    const second = await readIngestionManifest(store, 2);
    expect(second.manifest.previous).toBe(first.sha256);
    expect(second.manifest.fence.from).toEqual(first.manifest.fence.to);
  });

  test('discards its run when another one commits the number first, and starts anew', async () => {
    await orders(101, 101);
    const plain = store;
    let raced = false;
    const racing: typeof store = {
      ...plain,
      putIfAbsent: async (key, body) => {
        if (key === `_manifests/${formatBatch(2)}.json` && !raced) {
          raced = true;
          await plain.putIfAbsent(key, Buffer.from(Buffer.from(body).toString().replace('"test"', '"other"')));
        }
        return plain.putIfAbsent(key, body);
      },
    };
    store = racing;
    expect(await run()).toMatchObject({ outcome: 'unchanged' });
    store = plain;
    expect((await newest()).codeVersion).toBe('other');
  });
});

describe('a source that is not the one before', () => {
  test('is read again whole, with known keys kept so that vanished rows are noticed', async () => {
    await run();
    const key = `_manifests/${formatBatch(1)}.json`;
    const text = Buffer.from(await store.get(key)).toString();
    const other = memoryStore();
    for (const name of await objectKeys()) if (name !== key) await other.putIfAbsent(name, await store.get(name));
    await other.putIfAbsent(key, Buffer.from(text.replace(/"systemIdentifier": "\d+"/, '"systemIdentifier": "1"')));
    store = other;
    await database.sql`delete from sales_order where sales_order_id = 9`;
    const result = await run();
    expect(result).toMatchObject({ outcome: 'committed', deleted: 1, complete: true });
    expect(result.warnings.join()).toContain('another history');
    expect(await keysOf(2, 'sales_order')).toHaveLength(99);
  });
});

describe('what it tells', () => {
  /** Runs ingest and gives the metrics and the log line of a written manifest. */
  async function told() {
    const metrics: Record<string, number> = {};
    const lines: unknown[] = [];
    await run(undefined, {
      ...silentTelemetry,
      info: (event, fields) => void lines.push({ event, ...fields }),
      metric: (name, value) => {
        metrics[name] = value;
      },
    });
    return { metrics, lines };
  }

  test('is the rows of each table beside the key of the manifest', async () => {
    const { metrics, lines } = await told();
    expect(metrics).toEqual({ RunsSucceeded: 1, RowsRead: 169, RowsQuarantined: 0, FenceAgeSeconds: 0 });
    expect(lines).toEqual([
      expect.objectContaining({
        event: 'manifest:written',
        manifest: '_manifests/0000000001.json',
        rowsByTable: expect.objectContaining({ sales_order: 100, staff: 8, department: 4 }),
      }),
    ]);
  });

  // Another test's transaction on the same server may be open meanwhile, so that only an age of our own is sure.
  test('is a success where nothing changed', async () => {
    await run();
    const metrics = { RunsSucceeded: 1, FenceAgeSeconds: expect.any(Number) };
    expect(await told()).toEqual({ metrics, lines: [] });
  });

  test('is how long a transaction that writes has been left open, from the first batch that saw it', async () => {
    await run();
    const abandoned = await database.sql.reserve();
    await abandoned`begin`;
    await abandoned`update design set file_name = 'c' where design_id = 1`;
    await orders(101, 101);
    await told();
    expect((await told()).metrics.FenceAgeSeconds).toBeGreaterThan(0);
    await abandoned`rollback`;
    abandoned.release();
  });
});
