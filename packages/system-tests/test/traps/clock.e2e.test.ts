import { findNewestBatch, type IngestionManifest, readIngestionManifest } from '@totesys/lake';
import { populate } from '@totesys/sandbox';
import { totesys } from '../built-command.ts';
import { createPipeline, expectEqual, type Pipeline } from '../pipeline.ts';

const DAY_MS = 86_400_000;

let pipeline: Pipeline;
let environment: Record<string, string>;

beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(source(), { seed: 7, salesOrders: 40, purchaseOrders: 20 });
  environment = pipeline.places;
});

afterEach(() => pipeline.close());

const source = () => pipeline.source.sql;
const run = (more: Record<string, string> = {}) => totesys(['run', '--json'], { ...environment, ...more });
const withClock = (shiftMs: number) => ({
  CLOCK_SHIFT_MS: String(shiftMs),
  NODE_OPTIONS: `--import ${new URL('shifted-clock.mjs', import.meta.url).href}`,
});

async function newest(): Promise<IngestionManifest> {
  return (await readIngestionManifest(pipeline.ingestion, await findNewestBatch(pipeline.ingestion))).manifest;
}

test.each([
  ['a day ahead', DAY_MS, -DAY_MS],
  ['a day behind', -DAY_MS, DAY_MS],
])(
  'a machine whose clock is %s, then as wrong the other way, runs as any other, and every key has the date of the source',
  async (_how, first, second) => {
    const days = new Set<string>();
    const sourceDay = async () => {
      const [row] = await source()`select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD') as day`;
      days.add(row!.day);
    };
    await sourceDay();
    expect(await run(withClock(first))).toMatchObject({ code: 0, json: { ok: true } });
    await source()`update sales_order set units_sold = 1, last_updated = now() where sales_order_id = 3`;
    await source()`delete from payment where payment_id = 4`;
    expect(await run(withClock(second))).toMatchObject({ code: 0, json: { ok: true } });
    await sourceDay();
    await expectEqual(pipeline, { deletes: true });
    const objects = await pipeline.objects();
    const dates = objects.flatMap((key) => /batch_date=([\d-]+)/.exec(key)?.slice(1) ?? []);
    expect(dates.length).toBeGreaterThan(20);
    expect(dates.filter((date) => !days.has(date))).toEqual([]);
    expect(days).toContain((await newest()).sourceClock.slice(0, 10));
    expect(await run(withClock(first))).toMatchObject({ code: 0 });
    expect(await pipeline.objects()).toEqual(objects);
  },
);

test('times that daylight saving skips or repeats arrive unchanged, in every time zone of source, machine and warehouse', async () => {
  for (const [database, zone] of [
    [pipeline.source, 'Europe/London'],
    [pipeline.warehouse, 'America/New_York'],
  ] as const) {
    await database.sql.unsafe(`alter database ${new URL(database.url).pathname.slice(1)} set timezone = '${zone}'`);
  }
  const moments = [
    '2026-03-29 00:59:59.999',
    '2026-03-29 01:30:00.001',
    '2026-10-25 00:30',
    '2026-10-25 01:30',
    '2026-03-08 02:30',
    '2026-11-01 01:30',
  ];
  for (const [i, moment] of moments.entries()) {
    await source()`update sales_order set created_at = ${moment}::text::timestamp, last_updated = ${moment}::text::timestamp,
      agreed_delivery_date = ${moment.slice(0, 10)} where sales_order_id = ${1 + i}`;
  }
  expect(await run({ TZ: 'Europe/London' })).toMatchObject({ code: 0 });
  await source()`update payment set last_updated = '2026-10-25 01:15' where payment_id = 5`;
  expect(await run({ TZ: 'America/New_York' })).toMatchObject({ code: 0 });
  await expectEqual(pipeline);
  const shown = await pipeline.warehouse.sql`
    select created_date::text || ' ' || created_time as moment from fact_sales_order where sales_order_id <= 6 order by sales_order_id`;
  expect(shown.map(({ moment }) => moment)).toEqual(
    moments.map((moment) => (moment.length === 16 ? `${moment}:00` : moment)),
  );
  const [{ days } = {}] = await pipeline.warehouse.sql`select count(*)::int as days from dim_date where year = 2026`;
  expect(days).toBe(365);
});
