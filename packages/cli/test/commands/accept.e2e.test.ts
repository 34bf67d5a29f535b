import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
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

test.each([[['accept', 'deletes', 'payment']], [['backfill', 'payment', '--all']], [['batch', 'accept', '1']]])(
  '%j ends with 1 in a place without a lake, and creates none',
  async (args) => {
    const { code, json } = await totesys([...args, '--json'], {
      ...environment,
      LAKE: join(pipeline.lake, 'mistyped'),
    });
    expect({ code, error: json.error }).toEqual({
      code: 1,
      error: { code: 'OBJECT_MISSING', message: expect.stringContaining('mistyped') },
    });
    expect(existsSync(join(pipeline.lake, 'mistyped'))).toBe(false);
  },
);

test('an accepted change is an object of the lake, and a batch below the threshold gets none', async () => {
  await totesys(['run'], environment);
  const deletes = await totesys(['accept', 'deletes', 'payment', '--json'], environment);
  expect(deletes).toMatchObject({ code: 0, json: { ok: true, table: 'payment' } });
  const request = await readFile(join(pipeline.lake, 'ingestion', String(deletes.json.request)), 'utf8');
  expect(JSON.parse(request)).toEqual({ kind: 'accept-deletes', table: 'payment' });

  const { WAREHOUSE_URL: _, ...lakes } = environment;
  for (const places of [environment, lakes]) {
    const batch = await totesys(['batch', 'accept', '1', '--json'], places);
    expect(batch).toMatchObject({ code: 0, json: { ok: true, object: null } });
  }
  const future = await totesys(['batch', 'accept', '2', '--json'], environment);
  expect(future).toMatchObject({ code: 1, json: { error: { code: 'NOT_FOUND' } } });
  expect(existsSync(join(pipeline.lake, 'processed/_accepted'))).toBe(false);

  const shown = await totesys(['batch', 'show', '1', '--json'], environment);
  expect(shown).toMatchObject({
    code: 0,
    json: { ok: true, changed: { sales_order: 300 }, rows: { fact_sales_order: 300 } },
  });
});
