import { execFile } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The file in a cluster's folder that names the process which started it. */
export const OWNER_FILE = 'owner.pid';

/** Ends and removes clusters whose owner is gone: a process that was killed could not stop its server. */
export async function reapAbandonedClusters(folder: string): Promise<string[]> {
  const reaped: string[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const cluster = join(folder, name);
    const owner = await readPid(join(cluster, OWNER_FILE));
    if (owner === undefined || isAlive(owner)) continue;
    const server = await readPid(join(cluster, 'data', 'postmaster.pid'));
    if (server !== undefined && (await isServerOf(server, cluster))) process.kill(server, 'SIGKILL');
    await rm(cluster, { recursive: true, force: true });
    reaped.push(name);
  }
  return reaped;
}

async function readPid(file: string): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return pid > 0 ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

// The number may be another process's by now.
async function isServerOf(pid: number, cluster: string): Promise<boolean> {
  const onLinux = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  if (onLinux !== undefined) return onLinux.includes(cluster);
  const { stdout } = await promisify(execFile)('ps', ['-o', 'args=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout.includes(cluster);
}
