import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTestDatabase, populate, type TestDatabase } from '@totesys/sandbox';
import { totesys } from './built-command.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';

let pipeline: Pipeline;
let empty: TestDatabase;

beforeAll(async () => {
  pipeline = await createPipeline();
  empty = await createTestDatabase();
  await populate(pipeline.source.sql, { seed: 7, salesOrders: 5, purchaseOrders: 5 });
  await pipeline.run();
});

afterAll(async () => {
  await empty.drop();
  await pipeline.close();
});

const contents = async () => {
  const keys = await pipeline.objects();
  return Promise.all(keys.map(async (key) => [key, (await readFile(key)).toString('base64')]));
};

const schemas = async ({ sql }: TestDatabase) =>
  (await sql`select nspname as name from pg_namespace where nspname !~ '^pg_' order by 1`).map(({ name }) => name);

// What a version of format 1 would have left in one of the lakes, as far as the first manifest says.
async function olderIn(lake: 'ingestion' | 'processed', work: () => Promise<void>): Promise<void> {
  const path = join(pipeline.lake, lake, '_manifests/0000000001.json');
  const body = await readFile(path, 'utf8');
  await writeFile(path, body.replace('"format": 2', '"format": 1'));
  try {
    await work();
  } finally {
    await writeFile(path, body);
  }
}

const EITHER = [
  ['run'],
  ['transform'],
  ['status'],
  ['explain', 'sales_order', '1'],
  ['reconcile', '--only', 'lake'],
  ['sweep', '--yes'],
  ['quarantine', 'list'],
  ['quarantine', 'replay'],
  ['quarantine', 'discard', 'payment', '--all'],
  ['batch', 'show', '1'],
];
const CASES = [
  ...['ingestion', 'processed'].flatMap((lake) => EITHER.map((args) => ({ lake, args }))),
  ...[['ingest'], ['backfill', 'payment', '--all'], ['accept', 'deletes', 'payment']].map((args) => ({
    lake: 'ingestion',
    args,
  })),
  ...[['load'], ['rebuild'], ['batch', 'accept', '1']].map((args) => ({ lake: 'processed', args })),
] as { lake: 'ingestion' | 'processed'; args: string[] }[];

test.each(CASES)(
  'an $lake lake of format 1 is refused by $args, with the way on, before anything is written',
  async (each) => {
    await olderIn(each.lake, async () => {
      const before = await contents();
      const { code, json } = await totesys([...each.args, '--json'], {
        SOURCE_URL: pipeline.source.url,
        WAREHOUSE_URL: empty.url,
        LAKE: pipeline.lake,
      });
      expect({ code, error: json.error }).toEqual({
        code: 1,
        error: {
          code: 'MANIFEST_UNREADABLE',
          message: expect.stringMatching(
            /format 1; .*Nothing was written\. Name two new, empty places .*new, empty warehouse/,
          ),
        },
      });
      expect(await contents()).toEqual(before);
      expect(await schemas(empty)).toEqual(['information_schema', 'public']);
    });
  },
);

test('a warehouse of other lakes is refused before migration, and not changed', async () => {
  const { sql } = pipeline.warehouse;
  await sql`drop view current_fact_payment`;
  const { code, json } = await totesys(['load', '--json'], {
    WAREHOUSE_URL: pipeline.warehouse.url,
    LAKE: join(pipeline.lake, 'new'),
  });
  expect({ code, error: json.error }).toEqual({
    code: 1,
    error: { code: 'CHAIN_BROKEN', message: expect.stringContaining('load into an empty warehouse') },
  });
  expect([...(await sql`select to_regclass('current_fact_payment') as view`)]).toEqual([{ view: null }]);
});
