import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const VERSION = '1.5.33';
const VENVS = fileURLToPath(new URL('../../../build/ministack-venv/', import.meta.url));
const INSTALL_LIMIT_MS = 240_000;

/** Makes a venv with ministack below the build folder, unless it is there; gives its Python, or says what is missing. */
export async function installMinistack(): Promise<string | { missing: string }> {
  const venv = join(VENVS, VERSION);
  const python = join(venv, 'bin', 'python');
  if (existsSync(python)) return python;
  const temporary = join(VENVS, `.${VERSION}-${process.pid}-${Date.now()}`);
  try {
    const check = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
    await run('python3', ['-c', check], { timeout: INSTALL_LIMIT_MS });
  } catch {
    return { missing: 'ministack needs Python 3.10 or newer with venv (Debian: python3-venv), which is not here.' };
  }
  try {
    await mkdir(VENVS, { recursive: true });
    await run('python3', ['-m', 'venv', temporary], { timeout: INSTALL_LIMIT_MS });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `ministack==${VERSION}`];
    await run(join(temporary, 'bin', 'python'), pip, { timeout: INSTALL_LIMIT_MS });
    // Whole or not at all; where another process was faster, its venv serves.
    await rename(temporary, venv).catch((error) => {
      if (!existsSync(python)) throw error;
    });
    return python;
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    const lines = (stderr || message).trim().split('\n');
    return { missing: `ministack ${VERSION} cannot be installed from PyPI: ${lines.at(-1)}` };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
