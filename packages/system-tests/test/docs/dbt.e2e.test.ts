import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { installPython, type PythonPackages, populate } from '@totesys/sandbox';
import { createPipeline, type Pipeline } from '../pipeline.ts';

const PROJECT = fileURLToPath(new URL('../../../../dbt', import.meta.url));

/** Later versions of dbt-core download a part of themselves from elsewhere than PyPI. */
const DBT: PythonPackages = {
  name: 'dbt',
  version: '1.10.15',
  packages: ['--only-binary=:all:', 'dbt-core==1.10.15', 'dbt-postgres==1.10.2'],
};

const installed = await installPython(DBT);
if (typeof installed !== 'string' && process.env.CI === 'true') throw new Error(installed.missing);
const python = typeof installed === 'string' ? installed : undefined;
const withDbt = python ? test : test.skip;

let pipeline: Pipeline;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dbt-'));
  pipeline = await createPipeline();
  await populate(pipeline.source.sql, { seed: 12, salesOrders: 80, purchaseOrders: 40 });
  await pipeline.run();
});

afterAll(async () => {
  await pipeline.close();
  await rm(folder, { recursive: true, force: true });
});

// Returns the status of every node that the command ran, as dbt records it.
async function dbt(...words: string[]): Promise<string[]> {
  const { hostname, port, username, password, pathname } = new URL(pipeline.warehouse.url);
  const places = ['--project-dir', PROJECT, '--profiles-dir', PROJECT, '--target-path', folder, '--log-path', folder];
  await promisify(execFile)(python!, ['-m', 'dbt.cli.main', '--no-use-colors', ...words, ...places], {
    timeout: 300_000,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      DBT_SEND_ANONYMOUS_USAGE_STATS: 'false',
      WAREHOUSE_HOST: hostname,
      WAREHOUSE_PORT: port,
      WAREHOUSE_USER: decodeURIComponent(username),
      WAREHOUSE_PASSWORD: decodeURIComponent(password) || 'none',
      WAREHOUSE_DATABASE: pathname.slice(1),
      // The server of the tests is on the loopback address and has no certificate.
      WAREHOUSE_SSLMODE: 'disable',
    },
  }).catch((error: { stdout?: string }) => {
    throw new Error(error.stdout?.slice(-3_000) || String(error));
  });
  const file = words.includes('freshness') ? 'sources.json' : 'run_results.json';
  const { results } = JSON.parse(await readFile(join(folder, file), 'utf8')) as { results: { status: string }[] };
  return results.map(({ status }) => status);
}

withDbt('dbt builds the marts, and every declared test holds', async () => {
  const statuses = await dbt('build');
  // Three marts; the rest are tests of the sources and the marts.
  expect(statuses.filter((status) => status === 'success')).toHaveLength(3);
  expect(statuses.filter((status) => status === 'pass').length).toBeGreaterThan(50);
  expect(statuses.filter((status) => !['success', 'pass'].includes(status))).toEqual([]);
  const [sum] = await pipeline.source.sql`select sum(units_sold * unit_price)::text as amount from sales_order`;
  expect(await pipeline.warehouse.sql`select sum(amount)::text as amount from marts.monthly_sales`).toEqual([sum]);
});

withDbt('a second build adds the new versions to the incremental mart, each with its batch', async () => {
  await pipeline.source.sql`update sales_order set units_sold = units_sold + 1 where sales_order_id in (4, 5)`;
  await pipeline.run();
  await dbt('build');
  const versions = await pipeline.warehouse.sql`
    select sales_order_id, batch from marts.sales_order_versions where sales_order_id in (3, 4, 5)
     order by sales_order_id, sales_record_id`;
  expect(versions.map(({ sales_order_id, batch }) => [sales_order_id, batch])).toEqual([
    [3, 1],
    [4, 1],
    [4, 2],
    [5, 1],
    [5, 2],
  ]);
});

withDbt('the freshness of the ledger passes after a batch', async () => {
  expect(await dbt('source', 'freshness')).toEqual(['pass']);
});
