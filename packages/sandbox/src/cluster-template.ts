import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { giveTo, type ServerUser } from './server-user.ts';

/** An initialised cluster to copy, and its superuser's password. */
export interface ClusterTemplate {
  readonly data: string;
  readonly password: string;
}

/**
 * Initialises a cluster in the cache, once for each version and user. This takes almost a second; a copy takes a tenth.
 */
export async function clusterTemplate(
  cache: string,
  binaries: PostgresBinaries,
  user: ServerUser | undefined,
): Promise<ClusterTemplate> {
  const template = join(cache, `data-${binaries.version}-${user?.uid ?? process.getuid?.() ?? 0}`);
  if (!existsSync(template)) await initialise(template, binaries, user);
  return { data: join(template, 'data'), password: await readFile(join(template, 'password'), 'utf8') };
}

async function initialise(template: string, binaries: PostgresBinaries, user: ServerUser | undefined): Promise<void> {
  const draft = await mkdtemp(`${template}.`);
  try {
    const passwordFile = join(draft, 'password');
    await writeFile(passwordFile, randomBytes(18).toString('base64url'), { mode: 0o600 });
    await giveTo(draft, user);
    const options = [
      '--locale=C',
      '--encoding=UTF8',
      '--username=postgres',
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--no-sync',
    ];
    await promisify(execFile)(join(binaries.folder, 'initdb'), ['-D', join(draft, 'data'), ...options], {
      cwd: draft,
      ...user,
    });
    // The rename is one step, so that two processes may do this at once, and a killed one leaves no template that looks
    // whole.
    await rename(draft, template);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(template)) throw error;
  }
}
