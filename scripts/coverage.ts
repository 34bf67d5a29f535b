// Measures which lines of the packages' sources the tests run, in jest's own processes and in the commands that tests
// start.
import { spawnSync } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CoverageReport, type CoverageReportOptions, type MetricsSummary } from 'monocart-coverage-reports';
import { TSX_PROGRAM } from './tsx-program.ts';

/** The least share of lines, in percent: the badge in README.md shows it, and a test compares both. */
const FLOOR_PERCENT = 94;
/** Packages for tests and tools: they are reported, but do not count. */
const TOOLS = /^packages\/(sandbox|chaos|bench|demo)\//;
/** All suites but those on the emulated AWS, which run the zips in processes of their own. */
const SUITES = String.raw`(?<!\.aws)\.test\.ts$`;

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'build/coverage');
const commands = join(folder, 'commands');
const SOURCE = /(^|\/)packages\/[^/]+\/src\//;
const options: CoverageReportOptions = {
  baseDir: root,
  logging: 'error',
  entryFilter: (entry) => /(^|\/)packages\/[^/]+\/(src|dist)\//.test(entry.url),
  sourceFilter: (path) => SOURCE.test(path),
  // A bundle names its sources relative to itself; jest names them by their absolute path.
  sourcePath: (path) => path.slice(path.lastIndexOf('packages/')),
};

await rm(folder, { recursive: true, force: true });
await mkdir(commands, { recursive: true });
const patterns = process.argv.length > 2 ? process.argv.slice(2) : [SUITES];
const { status } = spawnSync(
  process.execPath,
  [TSX_PROGRAM, 'scripts/test.ts', '--config=jest.coverage.config.mjs', ...patterns],
  { cwd: root, stdio: 'inherit', env: { ...process.env, COMMAND_COVERAGE: commands } },
);

const inCommands = new CoverageReport({
  ...options,
  outputDir: join(folder, 'of-commands'),
  reports: [['raw', { outputDir: 'raw' }]],
});
await inCommands.addFromDir(commands);
await inCommands.generate();
const report = new CoverageReport({
  ...options,
  name: 'totesys',
  inputDir: [join(folder, 'jest/raw'), join(folder, 'of-commands/raw')],
  outputDir: join(folder, 'report'),
  all: { dir: ['packages'], filter: (path) => SOURCE.test(path) && path.endsWith('.ts') },
  reports: [['v8'], ['lcovonly', { file: 'lcov.info' }]],
});
const results = await report.generate();

const packages = new Map<string, { covered: number; total: number }>();
const product = { covered: 0, total: 0 };
for (const { sourcePath, summary } of results?.files ?? []) {
  const { covered = 0, total = 0 } = (summary as { lines: MetricsSummary }).lines;
  const name = sourcePath.split('/')[1] ?? sourcePath;
  const count = packages.get(name) ?? { covered: 0, total: 0 };
  packages.set(name, { covered: count.covered + covered, total: count.total + total });
  if (TOOLS.test(sourcePath)) continue;
  product.covered += covered;
  product.total += total;
}
for (const [name, lines] of [...packages].sort()) process.stdout.write(`${name.padEnd(12)} ${describe(lines)}\n`);
process.stdout.write(`${'product'.padEnd(12)} ${describe(product)}; build/coverage/report/index.html shows which\n`);
if (product.covered * 100 < FLOOR_PERCENT * product.total) {
  process.stderr.write(
    `Coverage is below its floor: expected at least ${FLOOR_PERCENT} % of lines. Add tests for what the report ` +
      'shows in red.\n',
  );
  process.exitCode = 1;
}
if (status !== 0) process.exitCode = 1;

function describe({ covered, total }: { covered: number; total: number }): string {
  return `${((100 * covered) / total).toFixed(1)} % of ${total} lines`;
}
