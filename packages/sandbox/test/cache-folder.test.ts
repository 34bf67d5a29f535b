import { chmod, mkdtemp, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '../src/cache-folder.ts';

const STRANGER = { uid: 54_321, gid: 54_321 };
const named = process.env.TOTESYS_CACHE;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(await realpath(tmpdir()), 'cache-'));
});

afterEach(async () => {
  process.env.TOTESYS_CACHE = named;
  if (named === undefined) delete process.env.TOTESYS_CACHE;
  await rm(folder, { recursive: true, force: true });
});

test("refuses the named folder where the server's user cannot enter it, and takes no other", async () => {
  await chmod(folder, 0o700);
  process.env.TOTESYS_CACHE = join(folder, 'cache');
  await expect(cacheFolder(STRANGER)).rejects.toThrow(
    `${join(folder, 'cache')} (user ${STRANGER.uid}, which runs the server, cannot enter it)`,
  );
});

test("makes what is missing so that the server's user can enter", async () => {
  await chmod(folder, 0o755);
  process.env.TOTESYS_CACHE = join(folder, 'a/b');
  const umask = process.umask(0o077);
  // A temp folder where nothing may be executed is refused for that reason alone.
  await cacheFolder(STRANGER).catch((error) => expect(error.message).toContain('it does not allow programs to run'));
  process.umask(umask);
  for (const path of ['a', 'a/b']) expect((await stat(join(folder, path))).mode & 0o777).toBe(0o755);
});

test('refuses a file', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  process.env.TOTESYS_CACHE = file;
  await expect(cacheFolder(undefined)).rejects.toThrow(`${file} (EEXIST). Set TOTESYS_CACHE to one that is.`);
});
