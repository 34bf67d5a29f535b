import { type Cluster, findFullPostgres, skipTransactionIds, startCluster, type TestDatabase } from '@totesys/sandbox';
import { createPipeline, expectEqual, type Pipeline } from '../pipeline.ts';
import { createSource, sourceOf } from './cluster-source.ts';

const programs = await findFullPostgres();
const describeOnFull = typeof programs === 'string' ? describe : describe.skip;
// biome-ignore lint/suspicious/noConsole: a skipped suite says why.
if (typeof programs !== 'string') console.warn(`Skipped, no transaction id wraps: ${programs.missing}`);

const TWO_TO_32 = 2 ** 32;

// One life: ids only ever go up, so each test begins where the one before it ended.
describeOnFull('transaction ids that wrap', () => {
  let cluster: Cluster;
  let pipeline: Pipeline;
  let source: TestDatabase['sql'];

  beforeAll(async () => {
    if (typeof programs !== 'string') return;
    cluster = await startCluster({ programs, settings: { autovacuum: 'off', shared_buffers: '32MB' } });
    const database = await createSource(cluster);
    source = database.sql;
    // Some orders are written once more, so that there are two ids to meet again.
    await source`update sales_order set units_sold = units_sold where sales_order_id > 20`;
    await skipTransactionIds(cluster, programs, TWO_TO_32 - 40);
    pipeline = await createPipeline(undefined, database);
    await pipeline.run();
  });

  afterAll(async () => {
    await pipeline?.close();
    await cluster?.stop();
  });

  const nextId = async () => Number((await source`select pg_snapshot_xmax(pg_current_snapshot())::text as id`)[0]!.id);
  const setUnits = (id: number, units: number) =>
    source`update sales_order set units_sold = ${units} where sales_order_id = ${id}`;

  async function burnUntil(next: number): Promise<void> {
    for (let left = next - (await nextId()); left > 0; left = next - (await nextId())) {
      await source.unsafe(
        `do $$ begin for i in 1 .. ${left} loop perform pg_current_xact_id(); commit; end loop; end $$`,
      );
    }
    expect(await nextId()).toBe(next);
  }

  test('between two runs lose no change from before, during or after it', async () => {
    await setUnits(3, 100);
    await pipeline.run();
    expect(await nextId()).toBeLessThan(TWO_TO_32);
    const writer = await source.reserve();
    await writer`begin`;
    await writer`update sales_order set units_sold = 100 where sales_order_id = 4`;
    await setUnits(5, 100);
    await burnUntil(TWO_TO_32 - 1);
    await setUnits(6, 100);
    await setUnits(7, 100);
    await setUnits(8, 100);
    expect(await nextId()).toBeGreaterThan(TWO_TO_32);
    await pipeline.run();
    await writer`commit`;
    writer.release();
    await source`delete from payment where payment_id = 7`;
    await pipeline.run();
    await expectEqual(pipeline, { deletes: true });
    expect(await pipeline.ingest()).toMatchObject({ outcome: 'unchanged', warnings: [] });
  });

  test('over rows that were frozen in between bring no batch, and find the row that changes', async () => {
    await source`vacuum (freeze)`;
    expect(await pipeline.ingest()).toMatchObject({ outcome: 'unchanged', warnings: [] });
    await setUnits(9, 100);
    expect(await pipeline.ingest()).toMatchObject({ outcome: 'committed', rows: 1 });
  });

  test.each([
    ['comes next', false],
    ['goes on meanwhile', true],
  ])(
    'onto the id that rows show from long ago lose no change of such a row by the transaction that %s',
    async (_which, isOpen) => {
      const [{ id: ancient } = {}] = await source`
      select min(xmin::text::int) as id from sales_order where xmin::text::bigint > ${(await nextId()) - TWO_TO_32} and xmin::text::bigint < 5000`;
      await burnUntil(TWO_TO_32 + ancient);
      const writer = await source.reserve();
      await writer`begin`;
      const write = () =>
        writer`update sales_order set units_sold = 200 where xmin::text::int = ${ancient} and sales_order_id > 9`;
      const fresh = await createPipeline(undefined, sourceOf(cluster));
      try {
        if (isOpen) await write();
        // One more id is given out, so that the open one is listed as such.
        if (isOpen) await setUnits(1, 300);
        await fresh.run();
        if (!isOpen) await write();
        await writer`commit`;
        await fresh.run();
        await expectEqual(fresh);
        const changed = await fresh.warehouse.sql`select from current_fact_sales_order where units_sold = 200`;
        expect(changed).not.toHaveLength(0);
      } finally {
        writer.release();
        await fresh.close();
      }
    },
  );
});
