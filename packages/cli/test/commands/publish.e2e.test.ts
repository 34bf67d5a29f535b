import { populate } from '@totesys/sandbox';
import { totesys } from '../../../system-tests/test/built-command.ts';
import { createPipeline, type Pipeline } from '../../../system-tests/test/pipeline.ts';

let pipeline: Pipeline;
let environment: Record<string, string>;

beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(pipeline.source.sql, { seed: 5, salesOrders: 300, purchaseOrders: 100 });
  environment = pipeline.places;
});

afterEach(async () => {
  await pipeline.close();
});

test('publish needs no database, reconcile compares what it wrote, and status shows how far it came', async () => {
  await totesys(['run'], environment);
  const lakes = { LAKE: pipeline.lake };
  const first = await totesys(['publish', '--json'], lakes);
  expect({ code: first.code, ...first.json }).toMatchObject({ code: 0, outcome: 'published' });
  await pipeline.source.sql`update sales_order set units_sold = units_sold + 1 where sales_order_id = 7`;
  await totesys(['run'], environment);
  const second = await totesys(['publish', '--json'], lakes);
  const last = Number(first.json.watermark) + 1;
  expect(second.json).toMatchObject({ batches: { first: last, last } });
  expect(second.json.tables).toContainEqual({ table: 'fact_sales_order', rows: 1, files: 1 });
  const compared = await totesys(['reconcile', '--only', 'iceberg', '--json'], lakes);
  expect({ code: compared.code, ...compared.json }).toMatchObject({ code: 0, ok: true, iceberg: { differences: [] } });
  const { json } = await totesys(['status', '--json'], environment);
  expect(json.published).toMatchObject({ watermarks: { fact_sales_order: last, published_batches: last } });
  const again = await totesys(['publish', '--rebuild', '--json'], lakes);
  expect(again.json).toMatchObject({ outcome: 'published', batches: { first: 1, last } });
  expect((await totesys(['reconcile', '--only', 'iceberg', '--json'], lakes)).code).toBe(0);
});
