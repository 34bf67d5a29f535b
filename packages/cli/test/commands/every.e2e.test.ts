import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Cluster,
  createTestDatabase,
  startCluster,
  type TestDatabase,
  unstampedEdit,
  until,
  untilBlocked,
} from '@totesys/sandbox';
import { startTotesys, totesys } from '../../../system-tests/test/built-command.ts';
import { expectEqual } from '../../../system-tests/test/pipeline.ts';
import { createSource, sourceOf } from '../../../system-tests/test/traps/cluster-source.ts';

let cluster: Cluster;
let source: TestDatabase;
let warehouse: TestDatabase;
let lake: string;
let environment: Record<string, string>;

beforeEach(async () => {
  cluster = await startCluster();
  source = await createSource(cluster);
  await cluster.createDatabase('warehouse');
  warehouse = sourceOf(cluster, 'warehouse');
  lake = await mkdtemp(join(tmpdir(), 'lake-'));
  environment = { SOURCE_URL: source.url, WAREHOUSE_URL: warehouse.url, LAKE: lake };
});

afterEach(async () => {
  await source.drop();
  await warehouse.drop();
  await cluster.stop();
  await rm(lake, { recursive: true, force: true });
});

type Running = ReturnType<typeof startTotesys>;

const linesOf = ({ said }: Running) =>
  said.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const untilLines = (running: Running, count: number) =>
  until(`${count} lines`, () => linesOf(running).length >= count, {
    explain: () => JSON.stringify(running.said),
  });

test('run --every prints a line for each change, survives a restart of the server, and stops at a signal', async () => {
  const running = startTotesys(['run', '--every', '100ms', '--json'], environment);
  await untilLines(running, 1);
  await source.sql.begin((sql) => unstampedEdit(sql));
  await untilLines(running, 2);
  await cluster.restart({
    whileDown: async () => {
      await untilLines(running, 3);
    },
  });
  await source.sql.begin((sql) => unstampedEdit(sql));
  await until('the change after the restart', () => linesOf(running).some(({ batches }) => `${batches}` === '3'), {
    explain: () => JSON.stringify(running.said),
  });
  running.child.kill('SIGTERM');
  const { code, json } = await running.ended;
  expect({ code, json }).toEqual({
    code: 130,
    json: { ok: false, error: { code: 'INTERRUPTED', message: expect.any(String) } },
  });
  const lines = linesOf(running);
  expect(lines.filter(({ ok }) => ok)).toEqual(
    [1, 2, 3].map((batch) =>
      expect.objectContaining({
        ok: true,
        command: 'run',
        batches: [batch],
        loaded: [batch],
        usage: expect.anything(),
      }),
    ),
  );
  const failed = lines.filter(({ ok, error }) => ok === false && (error as { code: string }).code !== 'INTERRUPTED');
  expect(failed.length).toBeGreaterThan(0);
  for (const { error } of failed) expect(error).toMatchObject({ code: expect.stringMatching(/^CONNECTION_FAILED$/) });
  await expectEqual({ source, warehouse });
});

test('the single stages repeat, too, one process each, and start before their places answer', async () => {
  const stages: Running[] = [];
  await cluster.restart({
    whileDown: async () => {
      for (const stage of ['ingest', 'transform', 'load']) {
        stages.push(startTotesys([stage, '--every', '100ms', '--json'], environment));
      }
      await Promise.all([untilLines(stages[0]!, 1), untilLines(stages[2]!, 1)]);
    },
  });
  const loaded = (batch: number) =>
    until(`batch ${batch} in the warehouse`, () =>
      linesOf(stages[2]!).some(({ batches }) => `${batches}` === `${batch}`),
    );
  await loaded(1);
  await source.sql.begin((sql) => unstampedEdit(sql));
  await loaded(2);
  for (const { child } of stages) child.kill('SIGINT');
  expect((await Promise.all(stages.map(({ ended }) => ended))).map(({ code }) => code)).toEqual([130, 130, 130]);
  await expectEqual({ source, warehouse });
});

test('as text, a line has the time and what the stages did, and an idle run has none', async () => {
  const running = startTotesys(['run', '--every', '100ms'], environment);
  const lines = () => running.said.stdout.trimEnd().split('\n');
  await until('the first load', () => lines()[0] !== '');
  await source.sql.begin((sql) => unstampedEdit(sql));
  await until('the change', () => lines().length === 2);
  running.child.kill('SIGINT');
  await running.ended;
  expect(lines()[1]).toMatch(
    /^\d{4}-\d\d-\d\dT[\d:.]+Z {2}ingest batch 2: 1 row, .*; transform batch 2: .*; load batch 2: .* held, [\d.]+ s$/,
  );
  expect(running.said.stderr).toBe(
    'totesys: Interrupted. Committed batches stay. To continue, run the command again.\n',
  );
});

test('a second signal ends the process at once', async () => {
  const writer = await source.sql.reserve();
  await writer`begin`;
  await writer`lock table sales_order in access exclusive mode`;
  const running = startTotesys(['ingest', '--every', '1s', '--json'], environment);
  await untilBlocked(source);
  running.child.kill('SIGTERM');
  running.child.kill('SIGINT');
  expect(await running.ended).toMatchObject({ code: 130, json: { error: { code: 'INTERRUPTED' } } });
  await writer`rollback`;
  writer.release();
});

describe('a fault that no repetition removes ends the process', () => {
  test('a renamed column, after a run that succeeded', async () => {
    const running = startTotesys(['run', '--every', '100ms', '--json'], environment);
    await untilLines(running, 1);
    await source.sql`alter table staff rename column first_name to given_name`;
    const { code, json, stdout } = await running.ended;
    expect({ code, json }).toEqual({
      code: 1,
      json: { ok: false, error: { code: 'SOURCE_COLUMN_MISSING', message: expect.stringContaining('first_name') } },
    });
    expect(stdout.match(/SOURCE_COLUMN_MISSING/g)).toHaveLength(1);
  });

  test('a wrong password', async () => {
    const url = new URL(source.url);
    url.password = 'wrong';
    const { code, json } = await totesys(['run', '--every', '1s', '--json'], { ...environment, SOURCE_URL: url.href });
    expect({ code, json }).toMatchObject({ code: 1, json: { error: { code: 'CONNECTION_FAILED' } } });
  });

  test('a lake that is a file', async () => {
    const file = join(lake, 'file');
    await writeFile(file, '');
    const { code, json } = await totesys(['transform', '--every', '1s', '--json'], { ...environment, LAKE: file });
    expect({ code, json }).toMatchObject({ code: 1, json: { error: { code: 'STORE_UNUSABLE' } } });
  });
});

test.each([
  ['an interval without a unit', ['run', '--every', '5'], /from 100ms to 24h/],
  ['an interval that is too long', ['ingest', '--every', '2d'], /from 100ms to 24h/],
  ['adoption', ['load', '--adopt', '--every', '1s'], /exclude each other/],
  ['a batch that is none', ['load', '--until', 'x', '--every', '1s'], /whole number/],
  ['a command that is not repeated', ['status', '--every', '1s'], /unknown option/],
])('%s ends with 2', async (_title, args, message) => {
  const other = await createTestDatabase();
  try {
    const { code, json } = await totesys([...args, '--json'], { ...environment, WAREHOUSE_URL: other.url });
    expect({ code, error: json.error }).toMatchObject({ code: 2, error: { message: expect.stringMatching(message) } });
  } finally {
    await other.drop();
  }
});
