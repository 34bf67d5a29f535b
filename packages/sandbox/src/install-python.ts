import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const BUILD = fileURLToPath(new URL('../../../build/', import.meta.url));
const INSTALL_LIMIT_MS = 480_000;

/** Python packages of exact versions that belong together; `version` changes whenever one of them does. */
export interface PythonPackages {
  readonly name: string;
  readonly version: string;
  readonly packages: readonly string[];
}

/**
 * Creates a venv with packages from PyPI below the build folder, unless it exists. Returns the path of its Python, or
 * the reason why there is none.
 */
export async function installPython(wanted: PythonPackages): Promise<string | { missing: string }> {
  const { name, version, packages } = wanted;
  const venvs = join(BUILD, `${name}-venv`);
  const venv = join(venvs, version);
  const python = join(venv, 'bin', 'python');
  if (existsSync(python)) return python;
  const temporary = join(venvs, `.${version}-${process.pid}-${Date.now()}`);
  try {
    const check = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
    await run('python3', ['-c', check], { timeout: INSTALL_LIMIT_MS });
  } catch {
    return { missing: `${name} needs Python 3.10 or newer with venv. Install it (Debian: python3-venv).` };
  }
  try {
    await mkdir(venvs, { recursive: true });
    await run('python3', ['-m', 'venv', temporary], { timeout: INSTALL_LIMIT_MS });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages];
    await run(join(temporary, 'bin', 'python'), pip, { timeout: INSTALL_LIMIT_MS });
    // The rename is one step; if another process was faster, its venv is used.
    await rename(temporary, venv).catch((error) => {
      if (!existsSync(python)) throw error;
    });
    return python;
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    const lines = (stderr || message).trim().split('\n');
    return { missing: `${name} ${version} cannot be installed from PyPI: ${lines.at(-1)}` };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
