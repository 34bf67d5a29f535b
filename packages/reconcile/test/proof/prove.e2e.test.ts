import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findLastProof, manifestKey, readIngestionManifest } from '@totesys/lake';
import { addOrder, deleteOrder, moveDepartment, populate } from '@totesys/sandbox';
import { createPipeline, type Pipeline } from '../../../system-tests/test/pipeline.ts';
import { openProver, type Prover } from './prover.ts';

let pipeline: Pipeline;
let prover: Prover;

beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(pipeline.source.sql, { seed: 8, salesOrders: 240, purchaseOrders: 60 });
  await pipeline.run();
  prover = await openProver(pipeline);
});

afterEach(async () => {
  await prover.close();
  await pipeline.close();
});

const rowsOf = ({ tables }: { tables: readonly { table: string; rows: number }[] }, name: string) =>
  tables.find(({ table }) => table === name)?.rows;

test('the first proof compares all batches, and writes one object and nothing else', async () => {
  const before = await pipeline.objects();
  const proof = await prover.prove();
  expect(proof).toMatchObject({
    outcome: 'equal',
    ok: true,
    batch: 1,
    through: 1,
    rows: { differing: 0, unread: 0, left: 0 },
    history: { faults: 0, named: [] },
    lake: { batches: 1, faults: 0 },
    next: { slice: 1, slices: 24, batch: 1 },
  });
  expect({ orders: rowsOf(proof, 'fact_sales_order'), days: rowsOf(proof, 'dim_date') }).toEqual({ orders: 240 });
  const written = (await pipeline.objects()).filter((object) => !before.includes(object));
  expect(written).toEqual([join(pipeline.lake, 'processed', proof.object)]);
  const { outcome: _outcome, object, ...content } = proof;
  expect(await findLastProof(pipeline.processed, 1)).toEqual({ key: object, proof: content });
});

test('later proofs compare a slice of all tables and the rows of new batches', async () => {
  await prover.prove();
  const slice = await prover.prove();
  expect(slice.rows.compared).toBeLessThan(100);
  await pipeline.source.sql.begin(async (sql) => {
    await addOrder(sql);
    await moveDepartment(sql);
    await deleteOrder(sql);
  });
  await pipeline.run();
  await pipeline.warehouse.sql`update fact_payment set paid = not paid
    where payment_id = (select max(payment_id) from fact_payment)`;
  const proof = await prover.prove();
  expect(proof).toMatchObject({ ok: false, outcome: 'differs', batch: 2, through: 2, lake: { faults: 0 } });
  expect(proof.differences).toContainEqual(
    expect.objectContaining({ table: 'fact_payment', kind: 'differs', columns: ['paid'] }),
  );
});

test('a whole cycle names a changed cell of any table and the calendar, and names it until it is corrected', async () => {
  const slices = 3;
  await prover.prove({ slices });
  const { sql } = pipeline.warehouse;
  await sql`update fact_sales_order set units_sold = units_sold + 1 where sales_order_id = 200`;
  await sql`update dim_date set day_name = 'Someday' where date_id = (select max(date_id) from dim_date)`;
  const found: string[][] = [];
  for (let run = 0; run < slices + 1; run++) {
    const { differences, next } = await prover.prove({ slices });
    found.push([`slice ${next.slice}`, ...differences.map(({ table, id }) => `${table} ${id}`).sort()]);
  }
  const day = expect.stringMatching(/^dim_date \d{4}-12-31$/);
  expect(found).toEqual([
    ['slice 2'],
    ['slice 3', day, 'fact_sales_order 200'],
    ['slice 1', day, 'fact_sales_order 200'],
    ['slice 2', day, 'fact_sales_order 200'],
  ]);
  await sql`update fact_sales_order set units_sold = units_sold - 1 where sales_order_id = 200`;
  await sql`update dim_date set day_name = trim(to_char(date_id, 'Day')) where day_name = 'Someday'`;
  expect(await prover.prove({ slices })).toMatchObject({ ok: true, differences: [] });
});

test('rows that no batch carries yet are unread and no difference', async () => {
  await pipeline.source.sql`update sales_order set units_sold = units_sold + 1 where sales_order_id in (1, 240)`;
  expect(await prover.prove()).toMatchObject({ ok: true, rows: { differing: 0, unread: 2 } });
});

test('the lakes are checked a slice at a time, and a batch with a fault in each proof', async () => {
  for (let batch = 2; batch <= 5; batch++) {
    await pipeline.source.sql.begin((sql) => addOrder(sql));
    await pipeline.run();
  }
  await prover.prove();
  const [part] = (await readIngestionManifest(pipeline.ingestion, 2)).manifest.parts;
  await rm(join(pipeline.lake, 'ingestion', part!.key));
  const seen: unknown[] = [];
  for (let run = 0; run < 6; run++) {
    const { lake, next } = await prover.prove({ requests: 1 });
    seen.push([lake.batches, lake.named.map(({ batch, object }) => [batch, object]), next.batch]);
  }
  const fault = [[2, part!.key]];
  // One object is read of the slice, so a slice is one batch; the batch with the fault is checked beside it.
  expect(seen).toEqual([
    [1, [], 2],
    [1, fault, 3],
    [2, fault, 4],
    [2, fault, 5],
    [2, fault, 1],
    [2, fault, 2],
  ]);
});

test('damage of the ingestion lake that hides which rows are unread is a fault, and the slice is taken again', async () => {
  await prover.prove();
  const path = join(pipeline.lake, 'ingestion', manifestKey(1));
  const whole = await readFile(path);
  await writeFile(path, '{');
  const damaged = await prover.prove();
  expect(damaged).toMatchObject({ ok: false, rows: { compared: 0 }, next: { slice: 1 } });
  expect(damaged.lake.named).toContainEqual(expect.objectContaining({ place: 'ingestion', batch: 1 }));
  await writeFile(path, whole);
  expect(await prover.prove()).toMatchObject({ ok: true, next: { slice: 2 } });
});

test('an interrupted proof writes nothing', async () => {
  const before = await pipeline.objects();
  await expect(prover.prove({}, AbortSignal.abort())).rejects.toThrow();
  expect(await pipeline.objects()).toEqual(before);
});

test('a fault of the history is named while its fact is in the batches or the slice, and until it is corrected', async () => {
  await prover.prove({ slices: 2 });
  await pipeline.warehouse.sql`
    insert into etl.deletion (fact, id, deleted_batch, restored_batch) values ('fact_payment', 300, 1, 1)`;
  const named = [{ table: 'fact_payment', id: 300, fault: expect.stringContaining('is restored in batch 1') }];
  expect(await prover.prove({ slices: 2 })).toMatchObject({ ok: false, history: { faults: 1, named } });
  expect(await prover.prove({ slices: 2 })).toMatchObject({ ok: false, history: { faults: 1, named } });
  await pipeline.warehouse.sql`delete from etl.deletion`;
  expect(await prover.prove({ slices: 2 })).toMatchObject({ ok: true, history: { faults: 0 } });
});
