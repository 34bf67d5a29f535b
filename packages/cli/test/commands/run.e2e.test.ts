import { readFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTestRole, populate, type TestDatabase, untilBlocked } from '@totesys/sandbox';
import { startTotesys, totesys } from '../../../system-tests/test/built-command.ts';
import { createPipeline, type Pipeline } from '../../../system-tests/test/pipeline.ts';

let pipeline: Pipeline;
let source: TestDatabase;
let lake: string;
let environment: Record<string, string>;

beforeEach(async () => {
  pipeline = await createPipeline();
  ({ source, lake, places: environment } = pipeline);
  await populate(source.sql, { seed: 5, salesOrders: 300, purchaseOrders: 100 });
});

afterEach(async () => {
  await pipeline.close();
});

const objects = async () => (await readdir(lake, { recursive: true })).sort();

test('run loads everything, and a second run finds nothing and writes nothing', async () => {
  const first = await totesys(['run', '--json'], environment);
  expect({ code: first.code, ...first.json }).toMatchObject({
    code: 0,
    ok: true,
    outcome: 'done',
    batches: [1],
    loaded: [1],
  });
  const before = await objects();
  const second = await totesys(['run', '--json'], environment);
  expect({ code: second.code, ...second.json }).toMatchObject({ code: 0, ok: true, outcome: 'unchanged', batches: [] });
  expect(await objects()).toEqual(before);
});

test('a pipe gets no bars and no colours, and with --json stdout has only the JSON', async () => {
  const { stdout, stderr } = await totesys(['run', '--json'], environment);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(stdout + stderr).not.toContain('\u001b');
});

test('every object of a lake is a file below ingestion or processed, with a key of the documented layout', async () => {
  await totesys(['run'], environment);
  const keys = (await readdir(lake, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(lake.length + 1));
  expect(keys.length).toBeGreaterThan(20);
  for (const key of keys) {
    expect(key).toMatch(
      /^(ingestion|processed)\/(_[a-z]+\/.+|[a-z_]+\/batch_date=\d{4}-\d\d-\d\d\/batch=\d{10}\/[^/]+\.parquet)$/,
    );
  }
});

test('the stages one by one do the same as run', async () => {
  for (const [stage, outcome] of [
    ['ingest', 'committed'],
    ['transform', 'committed'],
    ['load', 'loaded'],
    ['ingest', 'unchanged'],
    ['transform', 'unchanged'],
    ['load', 'unchanged'],
  ]) {
    const { code, json } = await totesys([stage!, '--json'], environment);
    expect({ stage, code, outcome: json.outcome }).toEqual({ stage, code: 0, outcome });
  }
  expect((await totesys(['reconcile', '--json'], environment)).json).toMatchObject({ ok: true, equal: true });
});

test('two runs at the same time both end with 0, and the warehouse is right', async () => {
  const both = await Promise.all([totesys(['run', '--json'], environment), totesys(['run', '--json'], environment)]);
  expect(both.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
    { code: 0, stderr: expect.any(String) },
    { code: 0, stderr: expect.any(String) },
  ]);
  const { code, json } = await totesys(['reconcile', '--json'], environment);
  expect({ code, differences: json.differences }).toEqual({ code: 0, differences: [] });
});

describe('a run that waits at the source', () => {
  // Ingest waits for this lock, so the command is in a known state.
  const withLock = async (work: () => Promise<void>) => {
    const writer = await source.sql.reserve();
    await writer`begin`;
    await writer`lock table sales_order in access exclusive mode`;
    try {
      await work();
    } finally {
      await writer`rollback`;
      writer.release();
    }
  };
  test.each(['SIGINT', 'SIGTERM'] as const)('stops cleanly at %s, and the next run continues', async (signal) => {
    await withLock(async () => {
      const { child, ended } = startTotesys(['run', '--json'], environment);
      await untilBlocked(source);
      child.kill(signal);
      expect(await ended).toMatchObject({ code: 130, json: { ok: false, error: { code: 'INTERRUPTED' } } });
    });
    expect((await totesys(['run'], environment)).code).toBe(0);
  });

  (process.platform === 'linux' ? test : test.skip)('shows no password in a process list', async () => {
    const role = await createTestRole(source, (name) => `alter role ${name} superuser password 'hunter2'`);
    const secret = new URL(role.url);
    secret.password = 'hunter2';
    try {
      await withLock(async () => {
        const { child, ended } = startTotesys(['ingest', '--source', secret.href, '--lake', lake]);
        await untilBlocked(source);
        expect(readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')).not.toContain('hunter2');
        child.kill('SIGINT');
        await ended;
      });
    } finally {
      await role.drop();
    }
  });
});

test('a lake that is a file ends with 1', async () => {
  const file = join(lake, 'file');
  await writeFile(file, '');
  const { code, json } = await totesys(['run', '--json'], { ...environment, LAKE: file });
  expect({ code, error: json.error }).toMatchObject({ code: 1, error: { code: 'STORE_UNUSABLE' } });
});
