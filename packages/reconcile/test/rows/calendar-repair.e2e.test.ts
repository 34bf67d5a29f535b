import { populate } from '@totesys/sandbox';
import { totesys } from '../../../system-tests/test/built-command.ts';
import { createPipeline, type Pipeline } from '../../../system-tests/test/pipeline.ts';

let pipeline: Pipeline;
let places: Record<string, string>;

beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(pipeline.source.sql, { seed: 3, salesOrders: 20, purchaseOrders: 5 });
  await pipeline.source.sql`update sales_order set created_at = '0044-03-15 12:00 BC' where sales_order_id = 7`;
  await pipeline.run();
  places = pipeline.places;
});

afterEach(async () => {
  await pipeline.close();
});

const reconcile = (...args: string[]) => totesys(['reconcile', '--json', '--only', 'rows', ...args], places);
const day = (date: string, name: string) => pipeline.warehouse.sql`
  insert into dim_date values (${date}::text::date, 1, 1, 1, 1, ${name}, 'January', 1)`;

test('repairs a day before the common era by a fact with a date in the same year', async () => {
  await pipeline.warehouse.sql`update dim_date set day_name = 'Idus' where date_id = '0044-03-15 BC'`;
  const found = await reconcile('--repair');
  expect(found).toMatchObject({ code: 1, json: { differing: 1, repair: { keys: 1, beyond: [] } } });
  expect((await totesys(['run'], places)).code).toBe(0);
  expect((await reconcile()).json).toMatchObject({ ok: true, differing: 0 });
});

test('names the days that no row of the source brings, infinite ones too', async () => {
  await day('infinity', 'Never');
  await day('-infinity', 'Ever');
  await day('0100-01-01', 'Monday');
  const { code, json, stderr } = await reconcile('--repair');
  expect({ code, ...json }).toMatchObject({ code: 1, differing: 3, repair: { requests: [], keys: 0 } });
  const { beyond } = json.repair as { beyond: string[] };
  expect(beyond.sort()).toEqual(['dim_date -infinity', 'dim_date 100', 'dim_date infinity']);
  expect(stderr).toMatch(/^No row of the source brings dim_date infinity: correct it by hand\.$/m);
});
