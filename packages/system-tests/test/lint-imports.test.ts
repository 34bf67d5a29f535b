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

const lint = () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', join(root, 'scripts/lint-imports.ts'), copy],
    {
      encoding: 'utf8',
    },
  );
  return { status, said: stdout + stderr };
};
const plant = async (path: string, text: string) => {
  await mkdir(join(copy, path, '..'), { recursive: true });
  await writeFile(join(copy, path), text);
};

describe('the import lint', () => {
  test('passes what keeps the rules', () => {
    expect(lint()).toEqual({ status: 0, said: expect.stringMatching(/hold in \d+ modules/) });
  });

  test.each([
    [
      'schema-is-pure',
      'packages/schema/src/planted.ts',
      `import { readFile } from 'node:fs/promises';\nexport { readFile };\n`,
    ],
    [
      'lake-knows-files',
      'packages/load/src/planted.ts',
      `import { readFile } from 'node:fs/promises';\nexport { readFile };\n`,
    ],
    ['no-cycles', 'packages/schema/src/planted.ts', `export * from './planted.ts';\n`],
    ['environment-at-the-edge', 'packages/load/src/planted.ts', 'export const home = process.env.HOME;\n'],
    ['only-sweep-removes', 'packages/ingest/src/planted.ts', `export * from '../../lake/src/sweepable/planted.ts';\n`],
    [
      'only-sweep-removes',
      'packages/cli/src/commands/planted.ts',
      `export * from '../../../lake/src/sweepable/planted.ts';\n`,
    ],
    ['resolvable', 'packages/load/src/planted.ts', `export * from './nowhere.ts';\n`],
  ])('fails on a planted violation of %s', async (rule, path, text) => {
    await plant('packages/lake/src/stores/sweepable/planted.ts', 'export const remove = 1;\n');
    await plant(path, text);
    expect(lint()).toEqual({ status: 1, said: expect.stringContaining(`(${rule})`) });
  });

  test.each([
    ['stages-meet-in-the-lake', 'load', 'transform'],
    ['stages-meet-in-the-lake', 'reconcile', 'ingest'],
    ['sandbox-is-for-tools', 'cli', 'sandbox'],
    ['stages-know-no-command', 'reconcile', 'cli'],
    ['columns-know-no-lake', 'columns', 'lake'],
    ['foundation-knows-no-stage', 'lake', 'ingest'],
  ])('fails on a planted violation of %s', async (rule, from, to) => {
    await plant(`packages/${to}/package.json`, JSON.stringify({ name: `@totesys/${to}`, exports: './src/target.ts' }));
    await plant(`packages/${to}/src/target.ts`, 'export const target = 1;\n');
    await plant(`packages/${from}/src/planted.ts`, `export { target } from '@totesys/${to}';\n`);
    await mkdir(join(copy, `packages/${from}/node_modules/@totesys`), { recursive: true });
    await symlink(join(copy, `packages/${to}`), join(copy, `packages/${from}/node_modules/@totesys/${to}`));
    expect(lint()).toEqual({ status: 1, said: expect.stringContaining(`(${rule})`) });
  });

  test('fails when it sees no modules', async () => {
    await rm(join(copy, 'packages/schema'), { recursive: true });
    expect(lint()).toEqual({ status: 1, said: expect.stringContaining('No modules were found') });
  });
});
