import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type IngestionManifest,
  manifestKey,
  namedParts,
  readIngestionManifest,
  readProcessedManifest,
} from '@totesys/lake';
import { addOrder, populate } from '@totesys/sandbox';
import { quoteIdentifier, totesysModel, type WarehouseTable } from '@totesys/schema';
import { createPipeline, type Pipeline } from '../../../system-tests/test/pipeline.ts';
import { openProver, type Prover } from './prover.ts';

const SEED = 20_261;
const CELLS = 200;
const MISSED = 50;
const OBJECTS = 40;
const LEDGER_ENTRIES = 5;
const MANIFESTS = 5;
/** Batches before the corruptions: enough for parts of every kind. */
const BATCHES = 12;
const SLICES = 24;
/** Slices of the cycle during which the source changes. */
const QUIET_SLICES = 8;

/** Keys up to this one exist before the first batch; changes that the pipeline brings have higher ones. */
const FIRST_KEYS = 2_000;

let state = SEED;
/** Returns a whole number from 0 to below the limit: the numbers of Lehmer's generator. */
function random(limit: number): number {
  state = (state * 48_271) % 2_147_483_647;
  return state % limit;
}

function pick<T>(from: readonly T[], count: number): T[] {
  const left = [...from];
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(random(left.length), 1)[0]!);
}

let pipeline: Pipeline;
let prover: Prover;

beforeAll(async () => {
  pipeline = await createPipeline();
  await populate(pipeline.source.sql, { seed: SEED, salesOrders: FIRST_KEYS, purchaseOrders: 600 });
  await pipeline.run();
  for (let batch = 2; batch <= BATCHES; batch++) {
    await changeSource();
    await pipeline.run();
  }
  prover = await openProver(pipeline);
});

afterAll(async () => {
  await prover.close();
  await pipeline.close();
});

test('nothing is reported while the source changes all the time, and rows of open batches count as unread', async () => {
  let isProving = true;
  const writer = (async () => {
    while (isProving) await changeSource();
  })();
  const runner = (async () => {
    while (isProving) await pipeline.run();
  })();
  try {
    for (let run = 0; run < QUIET_SLICES; run++) {
      const { differences, history, lake, rows } = await prover.prove({ slices: QUIET_SLICES });
      expect({ differences, differing: rows.differing }).toEqual({ differences: [], differing: 0 });
      expect({ history: history.named, lake: lake.named }).toEqual({ history: [], lake: [] });
    }
  } finally {
    isProving = false;
    await Promise.all([writer, runner]);
  }
});

test('one cycle names every planted corruption', async () => {
  await pipeline.run();
  const missed = await missChanges();
  const cells = await changeCells(missed);
  const objects = await changeObjects();
  const entries = await changeLedger();
  const manifests = await changeManifests();

  const named = new Set<string>();
  for (let run = 0; run < SLICES; run++) {
    await changeSource();
    const { differences, lake } = await prover.prove({ slices: SLICES });
    for (const { table, id, kind, columns = [] } of differences) {
      named.add(`${table} ${id}`);
      if (kind !== 'differs') named.add(`${table} ${id} ${kind}`);
      for (const column of columns) named.add(`${table} ${id} ${column}`);
    }
    for (const { place, batch, object } of lake.named) named.add(object ?? `${place} ${batch}`);
  }
  const planted = { missed, cells, objects, entries, manifests };
  const unnamed = Object.entries(planted).map(([kind, all]) => [kind, all.filter((each) => !named.has(each))]);
  expect(Object.fromEntries(unnamed)).toEqual({ missed: [], cells: [], objects: [], entries: [], manifests: [] });
  expect([missed, cells, objects].map(({ length }) => length)).toEqual([MISSED, CELLS, OBJECTS]);
});

/** A change that the pipeline brings to the warehouse. New rows only, so that no planted cell is overwritten. */
async function changeSource(): Promise<void> {
  await pipeline.source.sql.begin(async (sql) => {
    await addOrder(sql);
    await sql`update department set last_updated = now() where department_id = 1`;
  });
}

/**
 * Changes source rows of all kinds and commits a batch that has none of them, as if ingest had a fault. Returns the
 * warehouse rows that are then wrong.
 */
async function missChanges(): Promise<string[]> {
  const { sql } = pipeline.source;
  const wrong: string[] = [];
  const changed = async (warehouse: string, table: string, set: string, count: number) => {
    const keys = await sql.unsafe(
      `select ${table}_id as id from "${table}" where ${table}_id <= ${FIRST_KEYS} order by 1`,
    );
    for (const { id } of pick(keys, count)) {
      await sql.unsafe(`update "${table}" set ${set} where ${table}_id = $1`, [id]);
      wrong.push(`${warehouse} ${id}`);
    }
  };
  await changed('fact_sales_order', 'sales_order', 'units_sold = units_sold + 7', 12);
  await changed('fact_purchase_orders', 'purchase_order', 'item_unit_price = item_unit_price + 0.01', 8);
  await changed('fact_payment', 'payment', 'paid = not paid', 12);
  await changed('dim_staff', 'staff', `last_name = last_name || '-'`, 3);
  await changed('dim_location', 'address', `city = city || ' '`, 3);
  await changed('dim_design', 'design', `file_name = file_name || '-'`, 6);
  await changed('dim_currency', 'currency', `currency_code = 'CHF'`, 1);
  const deleted = await sql`
    with orders as (select sales_order_id as id from sales_order order by 1 desc limit 3),
         paid as (delete from payment where transaction_id in
           (select transaction_id from transaction where sales_order_id in (select id from orders)) returning payment_id)
    select payment_id as id from paid`;
  wrong.push(...deleted.map(({ id }) => `fact_payment ${id}`));
  for (let added = 0; added < 2; added++) {
    const { keys } = await sql.begin((transaction) => addOrder(transaction));
    wrong.push(`fact_sales_order ${keys[0]}`);
  }
  const { batch } = (await pipeline.ingest()) as { batch: number };
  const { manifest } = await readIngestionManifest(pipeline.ingestion, batch);
  await rewrite('ingestion', manifest.batch, (content: IngestionManifest) => ({ ...content, parts: [], deleted: [] }));
  await pipeline.transformAndLoad();
  return wrong;
}

/** Replaces single cells of the warehouse by values of other rows. Returns table, key and column of each. */
async function changeCells(missed: readonly string[]): Promise<string[]> {
  const { sql } = pipeline.warehouse;
  const columns = totesysModel.warehouse.flatMap((table) =>
    table.columns.filter(({ name }) => name !== table.key).map(({ name }) => ({ table, column: name })),
  );
  const planted = new Set<string>();
  const touched = new Set(missed);
  for (let attempt = 0; planted.size < CELLS; attempt++) {
    if (attempt > 20 * CELLS) throw new Error(`Only ${planted.size} cells could be changed.`);
    const { table, column } = columns[attempt % columns.length]!;
    const row = await pickRow(table, attempt);
    if (touched.has(`${table.name} ${row.id}`)) continue;
    const { count } = await sql.unsafe(
      `update ${table.name} t set ${quoteIdentifier(column)} = o.value
         from (select ${quoteIdentifier(column)} as value from ${table.name} order by ${hash('1')} limit 200) o
        where ${row.where} and t.${quoteIdentifier(column)} is distinct from o.value`,
      [row.value],
    );
    if (count === 0) continue;
    touched.add(`${table.name} ${row.id}`);
    planted.add(`${table.name} ${row.id} ${column}`);
  }
  return [...planted];
}

const hash = (salt: string) => `md5(ctid::text || '${salt}')`;

async function pickRow(table: WarehouseTable, attempt: number) {
  const { sql } = pipeline.warehouse;
  const key = quoteIdentifier(table.key);
  const isFact = table.kind === 'fact';
  // The view has no record id.
  const from = isFact
    ? `(select distinct on (${key}) * from ${table.name} order by ${key}, ${table.recordId} desc) c`
    : table.name;
  const identity = isFact ? table.recordId : table.key;
  const [row] = await sql.unsafe(
    `select ${key}::text as id, ${quoteIdentifier(identity)}::text as value from ${from}
      where ${table.kind === 'calendar' ? 'true' : `${key} <= ${FIRST_KEYS}`}
      order by md5(${key}::text || '${SEED} ${attempt}') limit 1`,
  );
  return { id: String(row!.id), value: String(row!.value), where: `t.${quoteIdentifier(identity)}::text = $1` };
}

/** Changes, cuts or deletes objects of both lakes. Returns their keys. */
async function changeObjects(): Promise<string[]> {
  const found: { lake: string; key: string }[] = [];
  const [ledger] = await pipeline.warehouse.sql`select max(batch) as batch from etl.ledger`;
  for (let batch = 1; batch <= ledger!.batch; batch++) {
    const read = (await readIngestionManifest(pipeline.ingestion, batch)).manifest;
    // A state part may be one without which a proof compares no row; another test damages such an object.
    for (const { key } of namedParts({ ...read, state: [] })) found.push({ lake: 'ingestion', key });
    const derived = (await readProcessedManifest(pipeline.processed, batch)).manifest;
    for (const { key } of namedParts(derived)) found.push({ lake: 'processed', key });
  }
  const chosen = pick(found, OBJECTS);
  for (const [i, { lake, key }] of chosen.entries()) {
    const path = join(pipeline.lake, lake, key);
    const bytes = await readFile(path);
    if (i % 3 === 0) await rm(path);
    else if (i % 3 === 1) await writeFile(path, bytes.subarray(0, bytes.length - 1));
    else {
      bytes[random(bytes.length)]! ^= 1;
      await writeFile(path, bytes);
    }
  }
  return chosen.map(({ key }) => key);
}

/** Changes entries of the ledger, except the newest ones. Returns the place and the batch of each. */
async function changeLedger(): Promise<string[]> {
  const { sql } = pipeline.warehouse;
  const rows = await sql`select batch from etl.ledger order by batch desc offset 3`;
  const batches = pick(rows, LEDGER_ENTRIES).map(({ batch }) => batch as number);
  const [first, second, ...others] = batches;
  await sql`delete from etl.ledger where batch = ${first!}`;
  await sql`update etl.ledger set source_clock = '2031-01-01T00:00:00.000000' where batch = ${second!}`;
  await sql`update etl.ledger set processed_sha256 = repeat('0', 64) where batch = any (${others})`;
  return batches.map((batch) => `ledger ${batch}`);
}

/** Changes manifests of the processed lake in place, except the newest ones. Returns the ledger entries they break. */
async function changeManifests(): Promise<string[]> {
  const rows = await pipeline.warehouse.sql`select batch from etl.ledger order by batch desc offset 3`;
  const batches = pick(rows, MANIFESTS).map(({ batch }) => batch as number);
  for (const batch of batches)
    await rewrite('processed', batch, (content: object) => ({ ...content, note: 'changed' }));
  return batches.map((batch) => `ledger ${batch}`);
}

async function rewrite<M>(lake: 'ingestion' | 'processed', batch: number, change: (manifest: M) => M): Promise<void> {
  const path = join(pipeline.lake, lake, manifestKey(batch));
  await writeFile(path, `${JSON.stringify(change(JSON.parse(await readFile(path, 'utf8'))), null, 2)}\n`);
}
