import { execFile } from 'node:child_process';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/** The time that a new cluster may take to start its server. */
const MAKING_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 5_000;

/**
 * Ends and removes the clusters below `folder` whose owner has ended: a killed process cannot remove its own. The name
 * of a cluster's folder begins with its owner's process id. Returns the names of the removed folders.
 */
export async function reapAbandonedClusters(folder: string): Promise<string[]> {
  const reaped: string[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    try {
      if (await reap(join(folder, name), Number.parseInt(name, 10))) reaped.push(name);
    } catch {
      // The cluster belongs to another user, or another process removes it; this start continues.
    }
  }
  return reaped;
}

async function reap(cluster: string, owner: number): Promise<boolean> {
  const server = await findServer(cluster);
  // The owner's process id may be reused; the server shows whether the owner is alive.
  if (isAlive(owner) && (server !== undefined || (await ageMs(cluster)) < MAKING_LIMIT_MS)) return false;
  if (server !== undefined) await end(server);
  await rm(cluster, { recursive: true, force: true });
  return true;
}

async function findServer(cluster: string): Promise<number | undefined> {
  const pid = Number.parseInt(await readFile(join(cluster, 'data/postmaster.pid'), 'utf8').catch(() => ''), 10);
  return isAlive(pid) && (await commandOf(pid)).includes(cluster) ? pid : undefined;
}

async function end(server: number): Promise<void> {
  const limit = Date.now() + STOP_LIMIT_MS;
  process.kill(server, 'SIGQUIT');
  while (isAlive(server)) {
    if (Date.now() > limit) process.kill(server, 'SIGKILL');
    await delay(20);
  }
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function commandOf(pid: number): Promise<string> {
  const onLinux = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  if (onLinux !== undefined) return onLinux;
  const { stdout } = await promisify(execFile)('ps', ['-o', 'args=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout;
}

async function ageMs(folder: string): Promise<number> {
  return Date.now() - (await stat(folder)).mtimeMs;
}
