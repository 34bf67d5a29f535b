// Runs jest with one Postgres server for all suites; `--unit` runs the tests that need no database and no emulator, and
// take less than a second, without a server. The last line of stdout counts the tests: N passed, N failed[, N skipped].
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

// One more than there are cores: some suites wait for the emulated AWS's clock for minutes.
const WORKERS = availableParallelism() + 1;
const RESULTS = 'build/jest.json';
const UNIT_TESTS = '(?<!\\.(pg|e2e|aws|heavy))\\.test\\.ts$';

/** The part of jest's `--json` that is read here. */
interface JestResult {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

await mkdir('build', { recursive: true });
await rm(RESULTS, { force: true });
const isUnit = process.argv.includes('--unit');
const given = process.argv.slice(2).filter((argument) => argument !== '--unit');
const cluster = isUnit ? undefined : await (await import('@totesys/sandbox')).startCluster();

const jest = spawn(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--no-warnings',
    'node_modules/jest/bin/jest.js',
    '--json',
    `--outputFile=${RESULTS}`,
    `--maxWorkers=${WORKERS}`,
    ...given,
    ...(isUnit ? [UNIT_TESTS] : []),
  ],
  {
    stdio: ['inherit', 'ignore', 'inherit'],
    env: { ...process.env, ...(cluster && { TOTESYS_TEST_CLUSTER: cluster.url('postgres') }) },
  },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => jest.kill(signal as NodeJS.Signals));
const status = await new Promise<number>((resolve) => jest.on('close', (code) => resolve(code ?? 1)));
await cluster?.stop();

const skipped = await report();
process.exitCode = status !== 0 || (process.env.CI === 'true' && skipped > 0) ? 1 : 0;

async function report(): Promise<number> {
  const text = await readFile(RESULTS, 'utf8').catch(() => undefined);
  if (text === undefined) {
    process.stderr.write('jest wrote no result; its output is above.\n');
    return 0;
  }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numRuntimeErrorTestSuites, testResults } =
    JSON.parse(text) as JestResult;
  const skipped = numPendingTests + numTodoTests;
  if (process.env.CI === 'true' && skipped > 0) {
    const names = testResults.flatMap(({ assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === 'pending' || status === 'todo')
        .map(({ fullName }) => fullName),
    );
    process.stderr.write(`With CI=true no test may be skipped: ${names.join('; ')}\n`);
  }
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  process.stdout.write(`${numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
  return skipped;
}
