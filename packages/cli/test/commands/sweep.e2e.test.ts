import { copyFile, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { live, populate } from '@totesys/sandbox';
import { totesys } from '../../../system-tests/test/built-command.ts';
import { createPipeline, expectEqual, type Pipeline } from '../../../system-tests/test/pipeline.ts';

const DAY_SECONDS = 86_400;
const LEFT = '0b7f5a52-3c1e-4a5e-9d1f-5f5f5a1c2b3d';

let pipeline: Pipeline;

async function prepare(): Promise<void> {
  pipeline = await createPipeline();
  await populate(pipeline.source.sql, { seed: 4, salesOrders: 100, purchaseOrders: 40 });
  await pipeline.run(80);
  for await (const _step of live(pipeline.source.sql, { seed: 2, steps: 6 })) await pipeline.run();
}

afterAll(async () => {
  await pipeline?.close();
});

const sweep = (...args: string[]) => totesys(['sweep', '--json', ...args], { LAKE: pipeline.lake });
const age = (path: string, days: number) =>
  utimes(path, Date.now() / 1000 - days * DAY_SECONDS, Date.now() / 1000 - days * DAY_SECONDS);

// An object that a killed run leaves in the folder of a batch that another run committed.
async function plant(lake: string, name: string, days: number): Promise<string> {
  const part = (await pipeline.objects()).find((path) => path.includes(`/${lake}/`) && path.endsWith('.parquet'))!;
  const orphan = join(dirname(part), name);
  await copyFile(part, orphan);
  await age(orphan, days);
  return orphan;
}

test('leftovers are removed once they are old and --yes is given; committed objects stay', async () => {
  await prepare();
  const committed = await pipeline.objects();
  for (const path of committed) await age(path, 40);
  const orphans = [
    await plant('ingestion', `${'a'.repeat(32)}.parquet`, 2),
    await plant('processed', `${'b'.repeat(32)}.parquet`, 2),
    await plant('ingestion', `.x.parquet.${LEFT}`, 2),
  ];
  const young = [
    await plant('ingestion', `${'c'.repeat(32)}.parquet`, 0.9),
    await plant('ingestion', `.y.parquet.${LEFT}`, 0),
  ];
  await writeFile(join(pipeline.lake, 'ingestion', 'notes.txt'), 'theirs');

  const dry = await sweep();
  expect(dry).toMatchObject({ code: 0, json: { ok: true, dryRun: true, leftovers: 3 } });
  expect(dry.stderr).toContain('totesys sweep --yes');
  const names = (dry.json.lakes as { keys: string[] }[]).flatMap(({ keys }) => keys);
  expect(names.map((key) => key.split('/').at(-1)).sort()).toEqual(
    orphans.map((path) => path.split('/').at(-1)).sort(),
  );
  expect(await pipeline.objects()).toHaveLength(committed.length + 6);

  const done = await sweep('--yes');
  expect(done).toMatchObject({ code: 0, json: { ok: true, dryRun: false, leftovers: 3 } });
  expect(await pipeline.objects()).toEqual(
    [...committed, ...young, join(pipeline.lake, 'ingestion', 'notes.txt')].sort(),
  );
  expect((await sweep('--yes')).json).toMatchObject({ leftovers: 0 });

  // The pipeline continues, and a new warehouse can be built.
  await pipeline.source.sql`update sales_order set units_sold = units_sold + 1 where sales_order_id <= 5`;
  await pipeline.run();
  await expectEqual(pipeline, { deletes: true });

  // The newest manifest of the ingestion lake is lost: its parts must not count as leftovers.
  await rm((await pipeline.objects()).filter((path) => path.includes('/ingestion/_manifests/')).at(-1)!);
  for (const path of await pipeline.objects()) await age(path, 40);
  const before = await pipeline.objects();
  expect(await sweep('--yes')).toMatchObject({ code: 1, json: { error: { code: 'CHAIN_BROKEN' } } });
  expect(await pipeline.objects()).toEqual(before);
});

test.each([['1h'], ['23h'], ['0d'], ['a day'], ['-1d'], ['24']])('refuses --older-than %s', async (given) => {
  const { code, json } = await totesys(['sweep', '--json', '--yes', `--older-than=${given}`], { LAKE: 'build/never' });
  expect({ code, error: json.error }).toEqual({
    code: 2,
    error: { code: 'USAGE', message: expect.stringContaining('at least 24h') },
  });
});
