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

test('status shows what waits where', async () => {
  await totesys(['ingest'], environment);
  await pipeline.source.sql`update sales_order set units_sold = units_sold + 1 where sales_order_id = 7`;
  const { code, json } = await totesys(['status', '--json'], environment);
  expect({ code, ...json }).toMatchObject({
    code: 0,
    ingestion: { newestBatch: 1 },
    processed: { newestBatch: 0 },
    warehouse: { newestBatch: 0, held: 0 },
    waiting: { transform: { batches: 1 }, load: { batches: 0 } },
  });
  const orders = (json.tables as { table: string }[]).find(({ table }) => table === 'sales_order');
  expect(orders).toMatchObject({ rows: 300, coverage: 'full', unread: { changed: 1, deleted: 0, isCovered: true } });
});
