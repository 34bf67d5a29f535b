import { populate, untilBlocked } from '@totesys/sandbox';
import { enumeration, totesysModel } from '@totesys/schema';
import { storeWith } from '../../../lake/test/store-with.ts';
import { modelWith } from '../../../schema/test/model-with.ts';
import { createPipeline, expectEqual, type Pipeline, physicalState } from '../pipeline.ts';

let pipeline: Pipeline;

beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(source(), { seed: 7, salesOrders: 40, purchaseOrders: 20 });
  await pipeline.run();
});

afterEach(() => pipeline.close());

const source = () => pipeline.source.sql;
const warehouse = () => pipeline.warehouse.sql;
const changedTables = async (before: readonly string[]) =>
  (await physicalState(pipeline)).filter((row, i) => row !== before[i]).map((row) => row.split(' ')[0]);

describe('rows whose storage alone changes', () => {
  test.each([
    ['VACUUM (FREEZE)', ['vacuum (freeze)']],
    ['VACUUM FULL', ['vacuum full']],
    ['CLUSTER', ['cluster sales_order using sales_order_pkey', 'cluster staff using staff_pkey']],
  ])('by %s bring no batch, and a change before and after it is found', async (_how, statements) => {
    await source()`update sales_order set units_sold = 1 where sales_order_id = 3`;
    for (const statement of statements) await source().unsafe(statement);
    await pipeline.run();
    await expectEqual(pipeline);
    const before = await pipeline.objects();
    for (const statement of statements) await source().unsafe(statement);
    expect(await pipeline.ingest()).toMatchObject({ outcome: 'unchanged' });
    expect(await pipeline.objects()).toEqual(before);
    await source()`update sales_order set units_sold = 2 where sales_order_id = 3`;
    expect(await pipeline.ingest()).toMatchObject({ outcome: 'committed', rows: 1 });
  });

  test.each([
    ['VACUUM FULL', 'vacuum full payment'],
    ['CLUSTER', 'cluster payment using payment_pkey'],
  ])(
    'after a column was added with a default, by %s bring no batch, and a change after it is found',
    async (_how, statement) => {
      await source().unsafe(
        'alter table payment drop column paid; alter table payment add column paid boolean not null default true',
      );
      await pipeline.run();
      const before = await pipeline.objects();
      await source().unsafe(statement);
      expect(await pipeline.ingest()).toMatchObject({ outcome: 'unchanged', warnings: [] });
      expect(await pipeline.objects()).toEqual(before);
      await source()`update payment set payment_amount = 1 where payment_id = 3`;
      expect(await pipeline.ingest()).toMatchObject({ outcome: 'committed', rows: 1, warnings: [] });
      await source().unsafe(statement);
      expect(await pipeline.ingest()).toMatchObject({ outcome: 'unchanged', warnings: [] });
      await pipeline.transformAndLoad();
      await expectEqual(pipeline);
    },
  );

  test('and statements that change no value bring no batch', async () => {
    await source().unsafe('alter table payment add column note text default $$old$$');
    await pipeline.run();
    const before = await pipeline.objects();
    for (const statement of [
      'alter table payment rename column note to remark',
      'alter table payment drop column remark',
      'alter table payment alter column paid set default true',
      'alter table payment alter column paid set statistics 500',
      'alter table payment alter column payment_date set storage external',
      'alter table payment set (fillfactor = 70, autovacuum_enabled = off)',
      'create index on payment (payment_date)',
      'reindex table payment',
      'analyze payment',
      'comment on column payment.paid is $$settled$$',
      'alter table payment replica identity full',
    ]) {
      await source().unsafe(statement);
    }
    expect(await pipeline.ingest()).toMatchObject({ outcome: 'unchanged', warnings: [] });
    expect(await pipeline.objects()).toEqual(before);
  });

  test('as the writer of a rewritten table left them add no version, though all are read again', async () => {
    const before = await physicalState(pipeline);
    await source()`update payment set paid = not paid where payment_id = 5`;
    await source()`alter table payment add column token double precision not null default random()`;
    expect(await pipeline.ingest()).toMatchObject({ outcome: 'committed', rows: 60 });
    await pipeline.transformAndLoad();
    await expectEqual(pipeline);
    expect(await warehouse()`select payment_id from fact_payment group by 1 having count(*) > 1`).toEqual([
      { payment_id: 5 },
    ]);
    expect(await changedTables(before)).toEqual(['etl.ledger', 'public.fact_payment']);
  });
});

describe('values that change with no transaction id changing', () => {
  test('a column that is dropped and added again with a default arrives, and only what differs is a new version', async () => {
    await source().unsafe(
      `alter table payment drop column paid; alter table payment add column paid boolean not null default true`,
    );
    await source().unsafe(
      `alter table design drop column file_name; alter table design add column file_name text not null default 'new'`,
    );
    const unpaid = await warehouse()`select payment_id from fact_payment where not paid order by 1`;
    await pipeline.run();
    await expectEqual(pipeline);
    expect(unpaid).not.toHaveLength(0);
    expect(await warehouse()`select payment_id from fact_payment group by 1 having count(*) > 1 order by 1`).toEqual([
      ...unpaid,
    ]);
  });

  test('two enum labels that are swapped arrive', async () => {
    const labels = async () =>
      (await warehouse()`select payment_type_name as name from dim_payment_type order by payment_type_id`).map(
        ({ name }) => name,
      );
    expect(await labels()).toEqual(['SALES_RECEIPT', 'SALES_REFUND', 'PURCHASE_PAYMENT', 'PURCHASE_REFUND']);
    await source().unsafe(`alter type "PaymentTypeName" rename value 'SALES_RECEIPT' to 'x';
      alter type "PaymentTypeName" rename value 'SALES_REFUND' to 'SALES_RECEIPT'; alter type "PaymentTypeName" rename value 'x' to 'SALES_REFUND'`);
    await source().unsafe(`alter type "TransactionType" rename value 'SALE' to 'x';
      alter type "TransactionType" rename value 'PURCHASE' to 'SALE'; alter type "TransactionType" rename value 'x' to 'PURCHASE'`);
    await pipeline.run();
    expect(await labels()).toEqual(['SALES_REFUND', 'SALES_RECEIPT', 'PURCHASE_PAYMENT', 'PURCHASE_REFUND']);
    await expectEqual(pipeline);
  });

  test('an enum label that is renamed stops the run by its name, loses nothing, and arrives once the model knows it', async () => {
    await source()`alter type "TransactionType" rename value 'PURCHASE' to 'BUY'`;
    await source()`update sales_order set units_sold = 1 where sales_order_id = 3`;
    const before = await pipeline.objects();
    await expect(pipeline.ingest()).rejects.toMatchObject({
      code: 'SOURCE_LABEL_UNKNOWN',
      message: expect.stringContaining('BUY'),
    });
    expect(await pipeline.objects()).toEqual(before);
    pipeline.learn(
      modelWith('transaction', (columns) => ({
        ...columns,
        transaction_type: { ...columns.transaction_type, type: enumeration('TransactionType', ['SALE', 'BUY']) },
      })),
    );
    await pipeline.run();
    await expectEqual(pipeline);
    expect(await warehouse()`select from dim_transaction where transaction_type = 'BUY'`).toHaveLength(20);
    await source()`alter type "TransactionType" rename value 'BUY' to 'PURCHASE'`;
    pipeline.learn(totesysModel);
    await pipeline.run();
    await expectEqual(pipeline);
  });
});

describe('a TRUNCATE at the moment of a run', () => {
  test('that comes after its snapshot waits for it, and the run sees every row', async () => {
    await source()`update payment set paid = not paid`;
    let truncated: Promise<unknown> | undefined;
    const result = await ingestAt(async () => {
      truncated = source()`truncate payment`.execute();
      await untilBlocked(pipeline.source, 'truncate payment');
    });
    expect(result).toMatchObject({ outcome: 'committed', rows: 60, deleted: 0 });
    await truncated;
    expect(await pipeline.ingest()).toMatchObject({ outcome: 'committed', rows: 0, deleted: 60 });
    await pipeline.transformAndLoad();
    await expectEqual(pipeline, { deletes: true });
  });

  test('that is not committed yet delays the run, and the run sees the rows that are left', async () => {
    const writer = await source().reserve();
    await writer`begin`;
    await writer`create temporary table kept on commit drop as select * from payment where payment_id > 10`;
    await writer`truncate payment`;
    const running = pipeline.ingest();
    await untilBlocked(pipeline.source, 'lock table public."payment"%');
    await writer`insert into payment select * from kept`;
    await writer`commit`;
    writer.release();
    expect(await running).toMatchObject({ outcome: 'committed', rows: 50, deleted: 10 });
    await pipeline.transformAndLoad();
    await expectEqual(pipeline, { deletes: true });
  });
});

// An ingest that does something once it has its snapshot, before it reads a row.
function ingestAt(moment: () => Promise<void>) {
  let isFirst = true;
  const lake = storeWith(pipeline.ingestion, {
    async *list(...options) {
      if (isFirst) await moment();
      isFirst = false;
      yield* pipeline.ingestion.list(...options);
    },
  });
  return pipeline.ingest(undefined, lake);
}
