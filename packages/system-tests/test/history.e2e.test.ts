import { load } from '@totesys/load';
import { connect, silentTelemetry } from '@totesys/runtime';
import { createTestDatabase, live, populate, type TestDatabase } from '@totesys/sandbox';
import { latestTablesOf, totesysModel } from '@totesys/schema';
import { copyStar, expectAsOf, type StarCopy } from '../../load/test/history/star-copies.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';

const BATCHES = 15;
const STEPS_PER_BATCH = 6;

let pipeline: Pipeline;
const copies: StarCopy[] = [];

// One life for all tests: departments move, addresses and dimension rows change, orders come, change and go.
beforeAll(async () => {
  pipeline = await createPipeline();
  const { sql } = pipeline.source;
  await populate(sql, { seed: 12, salesOrders: 120, purchaseOrders: 40 });
  // The first load is a series of batches.
  await pipeline.run(150);
  copies.push(await copyStar(pipeline.warehouse));
  for await (const { step } of live(sql, { seed: 12, steps: BATCHES * STEPS_PER_BATCH })) {
    if (step % STEPS_PER_BATCH !== STEPS_PER_BATCH - 1) continue;
    await sql`update staff set first_name = ${`Name ${step % 5}`} where staff_id = 1 + ${step}::int % 3`;
    await sql`update design set file_name = ${`${step % 7}.json`} where design_id = 1 + ${step}::int % 4`;
    await pipeline.run();
    copies.push(await copyStar(pipeline.warehouse));
  }
});

afterAll(() => pipeline.close());

/** Everything that the history has, as exact text. */
async function historyOf({ sql }: TestDatabase): Promise<string[]> {
  const names = latestTablesOf(totesysModel).flatMap(({ name }) => [`etl.${name}_history`, `${name}_states()`]);
  const rows: string[] = [];
  for (const name of [...names, 'etl.first_batch', '(select batch, loaded_with from etl.ledger)']) {
    const found = await sql.unsafe(`select to_jsonb(t)::text as row from ${name} t order by 1`);
    rows.push(...found.map(({ row }) => `${name} ${row}`));
  }
  return rows;
}

test('the star as of each batch is what the warehouse showed after it', async () => {
  expect(copies.length).toBeGreaterThan(BATCHES);
  const [row] = await pipeline.warehouse.sql`select count(*)::int as states from etl.dim_staff_history`;
  expect(row!.states).toBeGreaterThan(BATCHES / 2);
  await expectAsOf(pipeline.warehouse, copies);
});

test('the star as of a moment is that of the newest batch read by then', async () => {
  const { sql } = pipeline.warehouse;
  for (const { batch } of copies) {
    const [at] = await sql`
      select batch_at(source_clock::timestamp) as newest, batch_at(source_clock::timestamp - interval '1 microsecond') as before
        from etl.ledger where batch = ${batch}`;
    expect({ ...at }).toEqual({ newest: batch, before: batch === 1 ? null : batch - 1 });
  }
});

test('a rebuild from the lake has the same history', async () => {
  const database = await createTestDatabase();
  const warehouse = await connect(database.url, { subject: 'warehouse', connections: 2, applicationName: 'test' });
  try {
    await load({ model: totesysModel, warehouse, processed: pipeline.processed, telemetry: silentTelemetry });
    expect(await historyOf(database)).toEqual(await historyOf(pipeline.warehouse));
    await expectAsOf(database, copies);
  } finally {
    await warehouse.end({ timeout: 5 });
    await database.drop();
  }
});
