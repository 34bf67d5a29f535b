import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reapAbandonedClusters } from '../src/abandoned-clusters.ts';

const LONG_AGO = new Date('2020-01-01');
let clusters: string;
let endedOwner: number;
let running: ChildProcess[];

beforeEach(async () => {
  clusters = await mkdtemp(join(tmpdir(), 'clusters-'));
  running = [];
  const owner = spawn('/bin/sh', ['-c', 'exit']);
  endedOwner = owner.pid!;
  await once(owner, 'exit');
});

afterEach(async () => {
  for (const process of running) process.kill('SIGKILL');
  await rm(clusters, { recursive: true, force: true });
});

test('ends the server of an owner that has ended, and removes its folder', async () => {
  const name = await makeCluster(endedOwner);
  const server = standIn(join(clusters, name));
  await nameServer(name, server.pid!);
  const ended = once(server, 'exit');
  expect(await reapAbandonedClusters(clusters)).toEqual([name]);
  expect((await ended)[1]).toBe('SIGQUIT');
  expect(await readdir(clusters)).toEqual([]);
});

test('ends no process that has got the number of a server', async () => {
  const name = await makeCluster(endedOwner);
  const stranger = standIn('another folder');
  await nameServer(name, stranger.pid!);
  expect(await reapAbandonedClusters(clusters)).toEqual([name]);
  expect(stranger.kill(0)).toBe(true);
});

test('removes the folder of an owner whose number is another process by now', async () => {
  const name = await makeCluster(process.pid);
  await utimes(join(clusters, name), LONG_AGO, LONG_AGO);
  expect(await reapAbandonedClusters(clusters)).toEqual([name]);
});

test('leaves alone a cluster that is in use, and one that is being made', async () => {
  const used = await makeCluster(process.pid);
  await nameServer(used, standIn(join(clusters, used)).pid!);
  await utimes(join(clusters, used), LONG_AGO, LONG_AGO);
  const young = await makeCluster(process.pid);
  expect(await reapAbandonedClusters(clusters)).toEqual([]);
  expect(await readdir(clusters)).toEqual([used, young].sort());
});

test('finds nothing where no cluster ever was', async () => {
  expect(await reapAbandonedClusters(join(clusters, 'none'))).toEqual([]);
});

async function makeCluster(owner: number): Promise<string> {
  const folder = await mkdtemp(join(clusters, `${owner}-`));
  await mkdir(join(folder, 'data'));
  return folder.slice(clusters.length + 1);
}

const nameServer = (name: string, pid: number) =>
  writeFile(join(clusters, name, 'data/postmaster.pid'), `${pid}\n${join(clusters, name, 'data')}\n`);

// What counts is its command line: a server names its folder there.
function standIn(folder: string): ChildProcess {
  const process = spawn('/bin/sh', ['-c', 'read -r _', 'postgres', '-D', join(folder, 'data')]);
  running.push(process);
  return process;
}
