import { join } from 'node:path';
import { populate, until } from '@totesys/sandbox';
import { startTotesys, totesys } from '../../../system-tests/test/built-command.ts';
import { createPipeline, type Pipeline } from '../../../system-tests/test/pipeline.ts';

let pipeline: Pipeline;
let environment: Record<string, string>;

beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(pipeline.source.sql, { seed: 5, salesOrders: 120, purchaseOrders: 40 });
  await pipeline.run();
  environment = pipeline.places;
});

afterEach(async () => {
  await pipeline.close();
});

const prove = (...args: string[]) => totesys(['prove', '--json', ...args], environment);

test('proves a slice after the other, and status shows the last proof', async () => {
  expect((await totesys(['status', '--json'], environment)).json.proof).toBeNull();
  const first = await prove('--slices', '2');
  expect({ code: first.code, ...first.json }).toMatchObject({
    code: 0,
    ok: true,
    command: 'prove',
    outcome: 'equal',
    next: { slice: 1, slices: 2 },
  });
  await pipeline.warehouse.sql`update fact_payment set paid = not paid where payment_id = 150`;
  const second = await prove('--slices', '2');
  expect({ code: second.code, ...second.json }).toMatchObject({
    code: 1,
    ok: false,
    differences: [{ table: 'fact_payment', id: 150, kind: 'differs', columns: ['paid'] }],
  });
  expect(second.stderr).toMatch(/fact_payment 150: differs/);
  const shown = await totesys(['status', '--json'], environment);
  expect(shown.json.proof).toMatchObject({ object: second.json.object, batch: 1, ok: false, differing: 1, unread: 0 });
  expect(shown.stderr).toMatch(/Last proof: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d, batch 1, 1 row differ/);
  expect(await pipeline.objects()).toContain(join(pipeline.lake, 'processed', String(first.json.object)));
});

test('repeats the proof at an interval, with a line for each', async () => {
  const running = startTotesys(['prove', '--every', '100ms', '--json'], environment);
  const lines = () => running.said.stdout.split('\n').filter((line) => line.includes('"command":"prove"'));
  await until('two proofs', () => lines().length >= 2, { explain: () => JSON.stringify(running.said) });
  running.child.kill('SIGTERM');
  expect((await running.ended).code).toBe(130);
  expect(
    lines()
      .map((line) => JSON.parse(line).next.slice)
      .slice(0, 2),
  ).toEqual([1, 2]);
});

test.each([
  ['--slices', '0'],
  ['--requests', 'many'],
])('refuses %s %s', async (...args) => {
  const { code, json } = await prove(...args);
  expect({ code, error: json.error }).toEqual({
    code: 2,
    error: { code: 'USAGE', message: expect.stringContaining(`${args[0]} is not valid`) },
  });
});
