import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
let copy: string;

beforeEach(async () => {
  await mkdir(join(root, 'build'), { recursive: true });
  copy = await mkdtemp(join(root, 'build/lint-'));
  await cp(join(root, 'packages/schema/src'), join(copy, 'packages/schema/src'), { recursive: true });
});

afterEach(async () => {
  await rm(copy, { recursive: true });
});

/** A module that breaks a rule: its path below packages/, and its text. */
const VIOLATIONS: readonly [rule: string, path: string, text: string][] = [
  ['schema-is-pure', 'schema/src/impure.ts', `import { readFile } from 'node:fs/promises';\nexport { readFile };\n`],
  ['lake-knows-files', 'load/src/files.ts', `import { readFile } from 'node:fs/promises';\nexport { readFile };\n`],
  ['no-cycles', 'schema/src/cycle.ts', `export * from './cycle.ts';\n`],
  ['environment-at-the-edge', 'load/src/environment.ts', 'export const home = process.env.HOME;\n'],
  ['only-sweep-removes', 'ingest/src/sweeps.ts', `export * from '../../lake/src/stores/sweepable/planted.ts';\n`],
  [
    'only-sweep-removes',
    'cli/src/commands/sweeps.ts',
    `export * from '../../../lake/src/stores/sweepable/planted.ts';\n`,
  ],
  ['resolvable', 'load/src/nowhere.ts', `export * from './missing.ts';\n`],
];
/** Packages of which the first must not import the second. */
const FORBIDDEN_IMPORTS: readonly [rule: string, from: string, to: string][] = [
  ['stages-meet-in-the-lake', 'load', 'transform'],
  ['stages-meet-in-the-lake', 'reconcile', 'ingest'],
  ['sandbox-is-for-tools', 'cli', 'sandbox'],
  ['stages-know-no-command', 'reconcile', 'cli'],
  ['columns-know-no-lake', 'columns', 'lake'],
  ['foundation-knows-no-stage', 'lake', 'ingest'],
];

test('passes modules that keep the rules', () => {
  expect(lint()).toEqual({ status: 0, output: expect.stringMatching(/hold in \d+ modules/) });
});

test('reports every violation by its module and its rule', async () => {
  await plant('lake/src/stores/sweepable/planted.ts', 'export const remove = 1;\n');
  for (const [, path, text] of VIOLATIONS) await plant(path, text);
  for (const [, from, to] of FORBIDDEN_IMPORTS) await plantImport(from, to);
  const { status, output } = lint();
  expect(status).toBe(1);
  const faults = output.split('\n');
  const isReported = (rule: string, path: string) =>
    faults.some((fault) => fault.startsWith(`packages/${path}`) && fault.endsWith(`(${rule})`));
  const missing = [
    ...VIOLATIONS.map(([rule, path]) => [rule, path] as const),
    ...FORBIDDEN_IMPORTS.map(([rule, from, to]) => [rule, importPath(from, to)] as const),
  ].filter(([rule, path]) => !isReported(rule, path));
  expect(missing).toEqual([]);
});

test('fails if it sees no modules', async () => {
  await rm(join(copy, 'packages/schema'), { recursive: true });
  expect(lint()).toEqual({ status: 1, output: expect.stringContaining('No modules were found') });
});

function lint(): { status: number | null; output: string } {
  const args = ['--import', 'tsx', join(root, 'scripts/lint-imports.ts'), copy];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

const importPath = (from: string, to: string) => `${from}/src/imports-${to}.ts`;

async function plantImport(from: string, to: string): Promise<void> {
  await plant(`${to}/package.json`, JSON.stringify({ name: `@totesys/${to}`, exports: './src/target.ts' }));
  await plant(`${to}/src/target.ts`, 'export const target = 1;\n');
  await plant(importPath(from, to), `export { target } from '@totesys/${to}';\n`);
  const scope = join(copy, `packages/${from}/node_modules/@totesys`);
  await mkdir(scope, { recursive: true });
  await symlink(join(copy, `packages/${to}`), join(scope, to));
}

async function plant(path: string, text: string): Promise<void> {
  const file = join(copy, 'packages', path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, text);
}
