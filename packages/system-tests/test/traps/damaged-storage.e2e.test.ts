import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cluster, startCluster } from '@totesys/sandbox';
import { createPipeline, expectEqual, type Pipeline } from '../pipeline.ts';
import { createSource, sourceOf } from './cluster-source.ts';

const PAGE_BYTES = 8192;

let cluster: Cluster;
let pipeline: Pipeline;

beforeAll(async () => {
  cluster = await startCluster({ settings: { autovacuum: 'off' } });
});

beforeEach(async () => {
  pipeline = await createPipeline(undefined, await createSource(cluster));
  await source()`insert into design (design_id, design_name, file_location, file_name, last_updated)
    select g, 'many', '/', 'x', now() from generate_series(1000, 31000) g`;
  await source()`analyze design`;
  await pipeline.run();
});

afterEach(async () => {
  await pipeline.close();
  await cluster.dropDatabase('totesys');
});

afterAll(() => cluster?.stop());

const source = () => pipeline.source.sql;

/** Overwrites pages of a table or an index on the disk. */
async function overwrite(relation: string, pages: readonly number[], byte: number): Promise<void> {
  await source()`checkpoint`;
  const [file] = await source()`select pg_relation_filepath(${relation}) as path`;
  await cluster.restart({
    whileDown: async (data) => {
      const handle = await open(join(data, file!.path), 'r+');
      for (const page of pages) await handle.write(Buffer.alloc(PAGE_BYTES, byte), 0, PAGE_BYTES, page * PAGE_BYTES);
      await handle.close();
    },
  });
  await pipeline.follow(sourceOf(cluster));
}

test('a damaged index in the lookup of witnesses stops no run', async () => {
  await source()`update design set file_name = 'y' where design_id = 20000`;
  await pipeline.run();
  const leaves = Array.from({ length: 80 }, (_, i) => i + 4);
  await overwrite('design_pkey', leaves, 0);
  await expect(
    source().begin(async (sql) => {
      await sql`set local enable_seqscan = off`;
      await sql`select from design where design_id = 20000`;
    }),
  ).rejects.toMatchObject({ code: 'XX002' });
  expect(await pipeline.ingest()).toMatchObject({ outcome: 'unchanged', warnings: [] });
  await source()`update sales_order set units_sold = 7 where sales_order_id = 3`;
  expect(await pipeline.ingest()).toMatchObject({ outcome: 'committed', rows: 1, quarantined: 0, warnings: [] });
  await source()`reindex table design`;
  expect(await pipeline.ingest()).toMatchObject({ outcome: 'unchanged', warnings: [] });
  await pipeline.transformAndLoad();
  await expectEqual(pipeline);
});

test('a damaged page stops the run with an error that names the table', async () => {
  await overwrite('design', [30], 7);
  await expect(pipeline.ingest()).rejects.toMatchObject({
    code: 'SOURCE_ROW_UNREADABLE',
    message: expect.stringMatching(/^Table 'public.design' .*XX001: invalid page in block 30 .*cannot be scanned/),
  });
});
