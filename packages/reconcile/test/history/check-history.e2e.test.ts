import type { Connection } from '@totesys/runtime';
import { populate } from '@totesys/sandbox';
import { totesysModel } from '@totesys/schema';
import { createPipeline, type Pipeline } from '../../../system-tests/test/pipeline.ts';
import { checkHistory } from '../../src/history/check-history.ts';

let pipeline: Pipeline;

beforeAll(async () => {
  pipeline = await createPipeline();
  const { sql } = pipeline.source;
  await populate(sql, { seed: 4, salesOrders: 100, purchaseOrders: 30 });
  await pipeline.run();
  const [order] = await sql`select units_sold from sales_order where sales_order_id = 5`;
  for (const units of [order!.units_sold + 1, order!.units_sold]) {
    await sql`update sales_order set units_sold = ${units} where sales_order_id = 5`;
    await pipeline.run();
  }
  await sql`create table put_away as select * from payment where payment_id = 5`;
  await sql`delete from payment where payment_id = 5`;
  await pipeline.run();
  await sql`insert into payment select * from put_away`;
  await pipeline.run();
  await sql`delete from payment where payment_id = 5`;
  await pipeline.run();
});

afterAll(async () => {
  await pipeline.close();
});

/** What a check finds behind the statements, which are undone afterwards. */
async function faultsAfter(...statements: string[]): Promise<string[]> {
  const found: string[] = [];
  const undone = new Error('undone');
  await pipeline.warehouse.sql
    .begin(async (sql) => {
      for (const statement of statements) await sql.unsafe(statement);
      const { named } = await checkHistory(sql as unknown as Connection, totesysModel);
      found.push(...named.map(({ table, id, fault }) => `${table} ${id}: ${fault}`));
      throw undone;
    })
    .catch((error: unknown) => {
      if (error !== undone) throw error;
    });
  return found;
}

test('A → B → A, a deletion, a return and a second deletion are a sound history', async () => {
  expect(await faultsAfter()).toEqual([]);
});

test('a version that equals the one before it is named', async () => {
  const faults = await faultsAfter(`
    insert into fact_payment
    select r.* from fact_payment f,
           lateral jsonb_populate_record(f, jsonb_build_object('payment_record_id', nextval('fact_payment_payment_record_id_seq'))) r
     where f.payment_id = 9`);
  expect(faults).toEqual([
    expect.stringMatching(/^fact_payment 9: version \d+ equals the one before it, \d+$/),
    expect.stringMatching(/^fact_payment null: has record ids up to \d+, and batch 6 ends with \d+: no batch brought/),
  ]);
});

test('deletions that do not follow each other are named', async () => {
  const faults = await faultsAfter(
    `insert into etl.deletion values ('fact_sales_order', 1, 3, 2), ('fact_sales_order', 2, 1, null), ('fact_sales_order', 2, 2, null),
       ('fact_sales_order', 3, 1, 4), ('fact_sales_order', 3, 2, null), ('fact_sales_order', 4, 99, null), ('fact_sales_order', 77777, 1, null)`,
  );
  expect(faults).toEqual([
    expect.stringMatching(/^fact_sales_order 1: is restored in batch 2, which is not behind its deletion in 3/),
    expect.stringMatching(/^fact_sales_order 2: is deleted in batch 2, and was already in 1/),
    expect.stringMatching(/^fact_sales_order 3: is deleted in batch 2, before it was restored in 4/),
    expect.stringMatching(/^fact_sales_order 4: is deleted or restored in a batch that the ledger does not have/),
    expect.stringMatching(/^fact_sales_order 77777: is deleted and never was there/),
  ]);
});

test('a sequence behind its record ids is named, also one that is set anew and not asked yet', async () => {
  const sequence = 'fact_sales_order_sales_record_id_seq';
  const behind = [expect.stringMatching(/^fact_sales_order null: .* the next version would not be the latest/)];
  // What is done to a sequence is not undone with its transaction.
  const [before] = await pipeline.warehouse.sql.unsafe(`select last_value from ${sequence}`);
  expect(await faultsAfter(`select setval('${sequence}', 10)`)).toEqual(behind);
  expect(await faultsAfter(`select setval('${sequence}', 1, false)`)).toEqual(behind);
  expect(await faultsAfter(`select setval('${sequence}', ${before!.last_value})`)).toEqual([]);
});

test.each([
  ['that was lost', 'delete from etl.ledger', 'the ledger has no batch and knows them up to 0'],
  ['that is older than its facts', 'delete from etl.ledger where batch > 2', 'batch 2 ends with 101'],
])('facts of a ledger %s are named', async (_what, statement, ledger) => {
  expect(await faultsAfter(statement)).toContainEqual(
    expect.stringMatching(
      `^fact_sales_order null: has record ids up to 102, and ${ledger}: no batch brought the others`,
    ),
  );
});
