import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folders: string[] = [];
// The variables that Terraform sets; nothing is opened before the first event.
const CONFIGURED = {
  SOURCE_URL_PARAMETER: '/totesys/source',
  WAREHOUSE_URL_PARAMETER: '/totesys/warehouse',
  INGESTION_URI: 's3://ingestion',
  PROCESSED_URI: 's3://processed',
};

/** What only the code of a dependency has in it. */
const TRACES = { 'the Postgres client': 'UNSAFE_TRANSACTION', SASLprep: 'rfc4013', 'the client of SSM': 'AmazonSSM' };

afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
});

// In a process of its own: esbuild does not run inside jest's realm.
async function buildStage(stage: string, zone: string): Promise<{ folder: string; hash: string; bytes: number }> {
  await mkdir(join(root, 'build'), { recursive: true });
  const folder = await mkdtemp(join(root, 'build/zip-'));
  folders.push(folder);
  const script = `
    import { createHash } from 'node:crypto';
    import { bundleStage } from ${JSON.stringify(join(root, 'scripts/bundle.ts'))};
    const zip = await bundleStage(${JSON.stringify(stage)}, ${JSON.stringify(folder)});
    console.log(JSON.stringify({ hash: createHash('sha256').update(zip).digest('hex'), bytes: zip.length }));`;
  return { folder, ...runModule(script, { TZ: zone }) };
}

function runModule<T>(script: string, environment: Record<string, string> = {}): T {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', script],
    {
      encoding: 'utf8',
      env: { ...process.env, ...environment },
    },
  );
  // The bundle is one long line, so the error is at the end.
  if (status !== 0) throw new Error(stderr.slice(-2_000));
  return JSON.parse(stdout);
}

describe.each([
  { stage: 'ingest', traces: Object.keys(TRACES) },
  { stage: 'transform', traces: [] },
  { stage: 'load', traces: Object.keys(TRACES) },
  { stage: 'reconcile', traces: Object.keys(TRACES) },
])('the zip of $stage', ({ stage, traces }) => {
  test('has the same bytes at every time and place, is small, and exports a handler', async () => {
    const one = await buildStage(stage, 'Pacific/Auckland');
    const other = await buildStage(stage, 'America/New_York');
    expect(one.hash).toBe(other.hash);
    expect(one.bytes).toBeLessThan(3_000_000);
    const entry = JSON.stringify(join(one.folder, stage, 'index.mjs'));
    const exported = runModule(
      `console.log(JSON.stringify(typeof (await import(${entry})).handler)); process.exit(0)`,
      CONFIGURED,
    );
    expect(exported).toBe('function');
    const unconfigured = () => runModule(`await import(${entry})`);
    expect(unconfigured).toThrow('CONFIG_INVALID');
  });

  test('has the clients of Postgres and SSM only where the stage connects to a database', async () => {
    const { folder } = await buildStage(stage, 'UTC');
    const code = await readFile(join(folder, stage, 'index.mjs'), 'utf8');
    const found = Object.entries(TRACES).flatMap(([name, trace]) => (code.includes(trace) ? [name] : []));
    expect(found).toEqual(traces);
  });
});
