// Checks .github: grammar, least permissions, actions pinned by commit, nothing of a pull request in a shell line.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pythonTool } from './python-tool.ts';

/** Pinned, so that the check of a pull request does not change by itself. */
const ZIZMOR = '1.32.0';

const zizmor = join(pythonTool('zizmor', ZIZMOR), 'zizmor');
const args = ['--offline', '--persona', 'pedantic', '--min-severity', 'medium', '--no-progress', '--quiet', '.github'];
const { status, error } = spawnSync(zizmor, args, {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  stdio: 'inherit',
});
if (error) throw error;
process.exitCode = status === 0 ? 0 : 1;
