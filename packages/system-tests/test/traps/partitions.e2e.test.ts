import { populate } from '@totesys/sandbox';
import { createPipeline, expectEqual, type Pipeline } from '../pipeline.ts';

let pipeline: Pipeline;

const source = () => pipeline.source.sql;

// Payments 1 to 30 and 31 to 60 in two partitions; the second goes by the name of `high`.
beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(source(), { seed: 7, salesOrders: 40, purchaseOrders: 20 });
  await source().unsafe(`
    alter table payment rename to payment_before;
    create table payment (like payment_before, primary key (payment_id)) partition by range (payment_id);
    create table low partition of payment for values from (minvalue) to (31);
    create table high partition of payment for values from (31) to (1000);
    insert into payment select * from payment_before;
    drop table payment_before`);
  await pipeline.run();
});

afterEach(() => pipeline.close());

const newest = async () => (await pipeline.objects()).filter((key) => key.includes('ingestion/_manifests')).length;
const attach = `alter table payment attach partition high for values from (31) to (1000)`;

test('a partition whose column is dropped and added again while it is detached arrives', async () => {
  await source().unsafe(`alter table payment detach partition high;
    alter table high drop column paid; alter table high add column paid boolean not null default true;
    ${attach}`);
  expect(await pipeline.ingest()).toMatchObject({
    outcome: 'committed',
    warnings: [expect.stringContaining('the columns of a partition')],
  });
  await pipeline.transformAndLoad();
  await expectEqual(pipeline);
});

test('a partition in place of another, with the same keys and older rows, arrives', async () => {
  await source().unsafe(`create table copy (like high including all);
    insert into copy select * from high; update copy set payment_amount = 1 where payment_id = 35`);
  // The fence moves past the copy's rows.
  await source()`update design set file_name = 'x' where design_id = 1`;
  await pipeline.run();
  await source().unsafe(`alter table payment detach partition high;
    alter table high rename to before; alter table copy rename to high; ${attach}`);
  await pipeline.run();
  await expectEqual(pipeline);
});

test('a partition that is added empty, filled or removed brings only its own rows', async () => {
  const before = await newest();
  await source().unsafe('create table more partition of payment for values from (1000) to (2000)');
  expect(await pipeline.ingest()).toMatchObject({ outcome: 'unchanged', warnings: [] });
  await source().unsafe('drop table more; create table more partition of payment for values from (1000) to (3000)');
  await source()`update payment set payment_id = payment_id + 1000 where payment_id <= 5`;
  expect(await pipeline.ingest()).toMatchObject({ outcome: 'committed', rows: 5, deleted: 5, warnings: [] });
  await source().unsafe('drop table more');
  expect(await pipeline.ingest()).toMatchObject({ outcome: 'committed', rows: 0, deleted: 5, warnings: [] });
  expect(await newest()).toBe(before + 2);
  await pipeline.transformAndLoad();
  await expectEqual(pipeline, { deletes: true });
});

test.each([
  ['VACUUM FULL', 'vacuum full'],
  ['DETACH and ATTACH', `alter table payment detach partition high; ${attach}`],
])('%s after a column was added with a default brings no batch', async (_how, statement) => {
  await source().unsafe(`
    alter table payment drop column paid; alter table payment add column paid boolean not null default true`);
  await pipeline.run();
  const before = await newest();
  await source().unsafe(statement);
  expect(await pipeline.ingest()).toMatchObject({ outcome: 'unchanged', warnings: [] });
  expect(await newest()).toBe(before);
});

test('a foreign table as a partition is refused by its name, and nothing is written', async () => {
  const before = await newest();
  await source().unsafe(`
    alter table payment drop constraint payment_pkey1; create foreign data wrapper nowhere; create server elsewhere foreign data wrapper nowhere;
    create foreign table remote partition of payment for values from (1000) to (2000) server elsewhere`);
  await expect(pipeline.ingest()).rejects.toMatchObject({
    code: 'SOURCE_TABLE_MISSING',
    message: expect.stringContaining("Partition 'remote' of table 'public.payment' is a foreign table"),
  });
  expect(await newest()).toBe(before);
});
