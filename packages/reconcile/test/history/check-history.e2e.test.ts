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

/** Returns what the check finds after the statements, which are rolled back. */
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

test('finds no fault in A → B → A, a deletion, a return and a second deletion', async () => {
  expect(await faultsAfter()).toEqual([]);
});

test('names a version that equals the one before it', async () => {
  const faults = await faultsAfter(`
    insert into fact_payment
    select r.* from fact_payment f,
           lateral jsonb_build_object('payment_record_id', nextval('fact_payment_payment_record_id_seq')) record,
           lateral jsonb_populate_record(f, record) r
     where f.payment_id = 9`);
  expect(faults).toEqual([
    expect.stringMatching(/^fact_payment 9: version \d+ equals the one before it, \d+$/),
    expect.stringMatching(/^fact_payment null: has record ids up to \d+, and batch 6 ends with \d+: no batch brought/),
  ]);
});

test('names deletions and returns that do not alternate', async () => {
  const faults = await faultsAfter(
    `insert into etl.deletion (fact, id, deleted_batch, restored_batch)
     select 'fact_sales_order', d.* from (values
       (1, 3, 2), (2, 1, null), (2, 2, null), (3, 1, 4), (3, 2, null), (4, 99, null), (77777, 1, null)) d`,
  );
  expect(faults).toEqual([
    expect.stringMatching(/^fact_sales_order 1: is restored in batch 2, which is not after its deletion in 3/),
    expect.stringMatching(/^fact_sales_order 2: is deleted in batch 2, and was already in 1/),
    expect.stringMatching(/^fact_sales_order 3: is deleted in batch 2, before it was restored in 4/),
    expect.stringMatching(/^fact_sales_order 4: is deleted or restored in a batch that the ledger does not have/),
    expect.stringMatching(/^fact_sales_order 77777: is deleted and has no version/),
  ]);
});

test('names a sequence whose next value is not above all record ids, even just after setval', async () => {
  const sequence = 'fact_sales_order_sales_record_id_seq';
  const faults = [expect.stringMatching(/^fact_sales_order null: .* the next version would not be the latest/)];
  // A rollback does not undo setval.
  const [before] = await pipeline.warehouse.sql.unsafe(`select last_value from ${sequence}`);
  expect(await faultsAfter(`select setval('${sequence}', 10)`)).toEqual(faults);
  expect(await faultsAfter(`select setval('${sequence}', 1, false)`)).toEqual(faults);
  expect(await faultsAfter(`select setval('${sequence}', ${before!.last_value})`)).toEqual([]);
});

test.each([
  ['a lost ledger', 'delete from etl.ledger', 'the ledger has no batch and knows them up to 0'],
  ['a ledger that is older than its facts', 'delete from etl.ledger where batch > 2', 'batch 2 ends with 101'],
])('names the facts of %s', async (_what, statement, ledger) => {
  expect(await faultsAfter(statement)).toContainEqual(
    expect.stringMatching(
      `^fact_sales_order null: has record ids up to 102, and ${ledger}: no batch brought the others`,
    ),
  );
});
