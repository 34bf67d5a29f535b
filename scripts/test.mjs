// Runs jest with one Postgres server for all of it. The last line of stdout counts the tests: N passed, N failed[, N skipped].
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

// One more than there are cores: some suites wait for the emulated AWS's clock for minutes.
const WORKERS = availableParallelism() + 1;
const RESULTS = 'build/jest.json';
const BUNDLE = 'packages/sandbox/build/cluster.mjs';

await mkdir('build', { recursive: true });
await rm(RESULTS, { force: true });
const { startCluster } = await loadSandbox();
const cluster = await startCluster();

const jest = spawn(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--no-warnings',
    'node_modules/jest/bin/jest.js',
    '--json',
    `--outputFile=${RESULTS}`,
    `--maxWorkers=${WORKERS}`,
    ...process.argv.slice(2),
  ],
  { stdio: ['inherit', 'ignore', 'inherit'], env: { ...process.env, TOTESYS_TEST_CLUSTER: cluster.url('postgres') } },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => jest.kill(signal));
const status = await new Promise((resolve) => jest.on('close', (code) => resolve(code ?? 1)));
await cluster.stop();

const skipped = await report();
process.exitCode = status !== 0 || (process.env.CI === 'true' && skipped > 0) ? 1 : 0;

// The cluster is TypeScript: bundled beside its own package, where its dependencies resolve.
async function loadSandbox() {
  await build({
    entryPoints: ['packages/sandbox/src/cluster.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['postgres'],
    outfile: BUNDLE,
    logLevel: 'warning',
  });
  return import(pathToFileURL(BUNDLE).href);
}

async function report() {
  const text = await readFile(RESULTS, 'utf8').catch(() => undefined);
  if (text === undefined) {
    process.stderr.write('jest wrote no result; what it said stands above.\n');
    return 0;
  }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numRuntimeErrorTestSuites, testResults } =
    JSON.parse(text);
  const skipped = numPendingTests + numTodoTests;
  if (process.env.CI === 'true' && skipped > 0) {
    const names = testResults.flatMap(({ assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === 'pending' || status === 'todo')
        .map(({ fullName }) => fullName),
    );
    process.stderr.write(`With CI=true nothing may be skipped: ${names.join('; ')}\n`);
  }
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  process.stdout.write(`${numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
  return skipped;
}
