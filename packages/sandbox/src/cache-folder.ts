import { randomUUID } from 'node:crypto';
import { access, chmod, constants, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServerUser } from './server-user.ts';

/**
 * The folder for binaries and clusters, made if need be: `TOTESYS_CACHE` where it is set, else the first of the usual
 * places that can be written, lets programs run, and that the server's user can enter. Never the temp folder, which
 * often forbids running anything.
 */
export async function cacheFolder(user: ServerUser | undefined): Promise<string> {
  const faults: string[] = [];
  for (const folder of candidates()) {
    const fault = await findFault(folder, user);
    if (fault === undefined) return folder;
    faults.push(`${folder} (${fault})`);
  }
  throw new Error(`No folder can hold the embedded Postgres: ${faults.join(', ')}. Name one by TOTESYS_CACHE.`);
}

function candidates(): string[] {
  const { TOTESYS_CACHE: named, XDG_CACHE_HOME: xdg } = process.env;
  if (named) return [resolve(named)];
  return [
    ...(xdg ? [join(resolve(xdg), 'totesys')] : []),
    // Root's home is closed to the user whom the server runs as.
    ...(process.getuid?.() === 0 ? ['/var/cache/totesys', '/var/lib/totesys'] : []),
    join(homedir(), '.cache/totesys'),
    // Three up from the source as from each bundle: the checkout.
    fileURLToPath(new URL('../../../build/cache', import.meta.url)),
  ];
}

async function findFault(folder: string, user: ServerUser | undefined): Promise<string | undefined> {
  const probe = join(folder, `.probe-${randomUUID()}`);
  try {
    const first = await mkdir(folder, { recursive: true });
    if (first !== undefined && user) await openUp(first, folder);
    if (user && !(await canEnter(folder, user))) return `user ${user.uid}, whom the server runs as, cannot enter it`;
    await writeFile(probe, '', { mode: 0o755 });
    await access(probe, constants.X_OK);
    return undefined;
  } catch (error) {
    const { code, syscall, message } = error as NodeJS.ErrnoException;
    return syscall === 'access' ? 'programs may not run there' : (code ?? message);
  } finally {
    await rm(probe, { force: true }).catch(() => {});
  }
}

// With a strict umask the server's user could not read what we made.
async function openUp(first: string, folder: string): Promise<void> {
  for (let path = folder; path.length >= first.length; path = dirname(path)) await chmod(path, 0o755);
}

async function canEnter(folder: string, { uid, gid }: ServerUser): Promise<boolean> {
  for (let path = folder; ; path = dirname(path)) {
    const { mode, uid: owner, gid: group } = await stat(path);
    const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (path === dirname(path)) return true;
  }
}
