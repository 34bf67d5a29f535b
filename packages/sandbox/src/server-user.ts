import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The user that a server runs as where we are root: Postgres refuses to be root. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** Finds whom to become: nobody else when we are not root, else `postgres` or `nobody`. */
export async function findServerUser(): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all([idOf('-u', name), idOf('-g', name)]);
      return { uid, gid };
    } catch {
      // No such user here.
    }
  }
  throw new Error("Postgres cannot run as root, and there is neither a user 'postgres' nor 'nobody'. Add one of them.");
}

async function idOf(flag: '-u' | '-g', name: string): Promise<number> {
  const { stdout } = await promisify(execFile)('id', [flag, name]);
  return Number(stdout);
}
