import { live, populate } from '@totesys/sandbox';
import { createPipeline, expectEqual, type Pipeline } from './pipeline.ts';

const STEPS = 60;

let pipeline: Pipeline;

beforeEach(async () => {
  pipeline = await createPipeline();
});

afterEach(async () => {
  await pipeline.close();
});

// A seed that fails here fails again: the source lives the same life.
test.each([1, 2, 3])(
  'a source that lives (seed %i) is in the warehouse after every step that a run follows',
  async (seed) => {
    await populate(pipeline.source.sql, { seed, salesOrders: 300, purchaseOrders: 150 });
    await pipeline.run();
    for await (const { step } of live(pipeline.source.sql, { seed, steps: STEPS })) {
      if (step % 3 === 0) await pipeline.ingest();
      if (step % 10 === 0) {
        await pipeline.run();
        await expectEqual(pipeline, { deletes: true });
      }
    }
    await pipeline.run();
    await expectEqual(pipeline, { deletes: true });
    // No version equals the one before it: nothing arrived twice.
    for (const [table, id, record] of [
      ['fact_sales_order', 'sales_order_id', 'sales_record_id'],
      ['fact_payment', 'payment_id', 'payment_record_id'],
    ] as const) {
      const twins = await pipeline.warehouse.sql.unsafe(`
      select from (select to_jsonb(f) - '${record}' as row, lag(to_jsonb(f) - '${record}') over (partition by ${id} order by ${record}) as before from ${table} f) v
       where row = before`);
      expect(twins).toHaveLength(0);
    }
  },
);
