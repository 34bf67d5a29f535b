// Installs a Python tool from PyPI into its own venv below the build folder.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BUILD = fileURLToPath(new URL('../build', import.meta.url));

/**
 * Returns the folder with the programs of exactly that version, installed at the first use; throws if Python or PyPI is
 * missing.
 */
export function pythonTool(name: string, version: string): string {
  const venv = join(BUILD, `${name}-venv`, version);
  const programs = join(venv, 'bin');
  const installed = `import importlib.metadata as m; assert m.version('${name}') == '${version}'`;
  if (spawnSync(join(programs, 'python'), ['-c', installed]).status === 0) return programs;
  rmSync(venv, { recursive: true, force: true });
  run(`${name} needs Python 3.10 or newer with venv (Debian: python3-venv).`, 'python3', '-m', 'venv', venv);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `${name}==${version}`];
  run(`${name} ${version} cannot be installed from PyPI.`, join(programs, 'python'), ...pip);
  return programs;
}

function run(fault: string, program: string, ...args: string[]): void {
  const { error, status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (error || status !== 0) throw new Error(`${fault} ${(stderr || error?.message || '').trim()}`);
}
