import { randomUUID } from 'node:crypto';
import { access, chmod, constants, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServerUser } from './server-user.ts';

/**
 * Returns the folder for binaries and clusters, and creates it if it is missing: `TOTESYS_CACHE` if it is set,
 * otherwise the first of the usual folders that this process can write to, that allows programs to run, and that the
 * server's user can enter. It is never the temporary folder, which often forbids programs.
 */
export async function cacheFolder(user: ServerUser | undefined): Promise<string> {
  const faults: string[] = [];
  for (const folder of candidates()) {
    const fault = await findFault(folder, user);
    if (fault === undefined) return folder;
    faults.push(`${folder} (${fault})`);
  }
  throw new Error(
    `No folder is fit for the embedded Postgres: ${faults.join(', ')}. Set TOTESYS_CACHE to one that is.`,
  );
}

function candidates(): string[] {
  const { TOTESYS_CACHE: named, XDG_CACHE_HOME: xdg } = process.env;
  if (named) return [resolve(named)];
  return [
    ...(xdg ? [join(resolve(xdg), 'totesys')] : []),
    // The user that the server runs as cannot enter root's home.
    ...(process.getuid?.() === 0 ? ['/var/cache/totesys', '/var/lib/totesys'] : []),
    join(homedir(), '.cache/totesys'),
    // The checkout is three folders above the source, and above each bundle.
    fileURLToPath(new URL('../../../build/cache', import.meta.url)),
  ];
}

async function findFault(folder: string, user: ServerUser | undefined): Promise<string | undefined> {
  const probe = join(folder, `.probe-${randomUUID()}`);
  try {
    const first = await mkdir(folder, { recursive: true });
    if (first !== undefined && user) await openUp(first, folder);
    if (user && !(await canEnter(folder, user))) return `user ${user.uid}, which runs the server, cannot enter it`;
    await writeFile(probe, '', { mode: 0o755 });
    await access(probe, constants.X_OK);
    return undefined;
  } catch (error) {
    const { code, syscall, message } = error as NodeJS.ErrnoException;
    return syscall === 'access' ? 'it does not allow programs to run' : (code ?? message);
  } finally {
    await rm(probe, { force: true }).catch(() => {});
  }
}

// With a strict umask, the server's user could not read the new folders.
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
