import { execFile } from 'node:child_process';
import { chown, lchown, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The user that runs the server if this process runs as root: Postgres refuses to run as root. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** Finds the user for the server: undefined if this process does not run as root, otherwise `postgres` or `nobody`. */
export async function findServerUser(): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all([idOf('-u', name), idOf('-g', name)]);
      return { uid, gid };
    } catch {
      // This machine has no such user.
    }
  }
  throw new Error("Postgres cannot run as root, and there is neither a user 'postgres' nor 'nobody'. Add one of them.");
}

/** If there is a user for the server, makes it the owner of a folder and its content. */
export async function giveTo(path: string, user: ServerUser | undefined): Promise<void> {
  if (!user) return;
  for (const entry of await readdir(path, { recursive: true })) await lchown(join(path, entry), user.uid, user.gid);
  await chown(path, user.uid, user.gid);
}

async function idOf(flag: '-u' | '-g', name: string): Promise<number> {
  const { stdout } = await promisify(execFile)('id', [flag, name]);
  return Number(stdout);
}
