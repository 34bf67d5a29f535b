import { type Cluster, findFullPostgres, startCluster } from '@totesys/sandbox';
import { createPipeline, expectEqual, type Pipeline } from '../pipeline.ts';
import { createSource } from './cluster-source.ts';

const programs = await findFullPostgres({ atLeast: 18 });
const describeOn18 = typeof programs === 'string' ? describe : describe.skip;
// biome-ignore lint/suspicious/noConsole: a skipped suite says why.
if (typeof programs !== 'string') console.warn(`Skipped, no virtual generated columns: ${programs.missing}`);

describeOn18('a virtual generated column', () => {
  let cluster: Cluster;
  let pipeline: Pipeline;

  beforeAll(async () => {
    if (typeof programs !== 'string') return;
    cluster = await startCluster({ programs, settings: { autovacuum: 'off', shared_buffers: '32MB' } });
  });

  beforeEach(async () => {
    pipeline = await createPipeline(undefined, await createSource(cluster));
    await source().unsafe(`alter table sales_order add column dozens int, drop column units_sold;
      update sales_order set dozens = sales_order_id;
      alter table sales_order add column units_sold int generated always as (dozens * 12) virtual`);
    await pipeline.run();
    await expectEqual(pipeline);
  });

  afterEach(async () => {
    await pipeline.close();
    await cluster.dropDatabase('totesys');
  });

  afterAll(() => cluster?.stop());

  const source = () => pipeline.source.sql;

  test('whose expression is replaced arrives in every row that it changes', async () => {
    await source()`alter table sales_order alter column units_sold set expression as (greatest(dozens * 12, 240))`;
    expect(await pipeline.ingest()).toMatchObject({
      outcome: 'committed',
      rows: 40,
      warnings: expect.arrayContaining([expect.stringContaining("'units_sold' is computed by another expression")]),
    });
    await pipeline.transformAndLoad();
    await expectEqual(pipeline);
    const [count] = await pipeline.warehouse.sql`select count(*)::int as versions from fact_sales_order`;
    expect(count).toEqual({ versions: 40 + 19 });
    expect(await pipeline.ingest()).toMatchObject({ outcome: 'unchanged' });
  });

  test('brings no batch where its expression is the same, whatever its columns are named and however its rows are stored', async () => {
    const before = await pipeline.objects();
    for (const statement of [
      'alter table sales_order rename column dozens to boxes',
      'alter table sales_order alter column units_sold set expression as (  boxes  *  12  )',
      'vacuum full sales_order',
    ]) {
      await source().unsafe(statement);
      expect(await pipeline.ingest()).toMatchObject({ outcome: 'unchanged' });
    }
    expect(await pipeline.objects()).toEqual(before);
  });

  test('whose row changes arrives alone', async () => {
    await source()`update sales_order set dozens = 100 where sales_order_id = 3`;
    expect(await pipeline.ingest()).toMatchObject({ outcome: 'committed', rows: 1 });
    await pipeline.transformAndLoad();
    await expectEqual(pipeline);
  });

  test('in place of a stored one, and the other way round, arrives', async () => {
    await source().unsafe(`alter table sales_order drop column units_sold;
      alter table sales_order add column units_sold int generated always as (dozens * 10) stored`);
    await pipeline.run();
    await expectEqual(pipeline);
    await source()`alter table sales_order alter column units_sold set expression as (dozens * 9)`;
    await pipeline.run();
    await expectEqual(pipeline);
    await source()`alter table sales_order alter column units_sold drop expression`;
    expect(await pipeline.ingest()).toMatchObject({ outcome: 'unchanged' });
  });
});
