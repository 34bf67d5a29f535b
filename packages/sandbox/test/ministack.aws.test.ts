import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { installMinistack } from '../src/install-ministack.ts';
import { until } from '../src/until.ts';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
const BUNDLE = join(PACKAGE, 'build/ministack-under-test.mjs');
const PROGRAM = `
  const { startMinistack } = await import(${JSON.stringify(pathToFileURL(BUNDLE).href)});
  const { endpoint } = await startMinistack();
  process.stdout.write(endpoint);
  setInterval(() => {}, 1000);`;

const python = await installMinistack();
const testOnAws = typeof python === 'string' ? test : test.skip;
// biome-ignore lint/suspicious/noConsole: a skipped test says why.
if (typeof python !== 'string') console.warn(`Skipped, AWS is not emulated: ${python.missing}`);

testOnAws('an emulator whose process is killed ends, and leaves no folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'emulators-'));
  let child: ChildProcess | undefined;
  try {
    await build({
      entryPoints: [join(PACKAGE, 'src/ministack.ts')],
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      outfile: BUNDLE,
    });
    child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: folder },
    });
    let endpoint = '';
    child.stdout!.on('data', (chunk) => {
      endpoint += chunk;
    });
    await until('an emulator that has started', () => endpoint !== '');
    expect(await readdir(folder)).toHaveLength(1);
    child.kill('SIGKILL');
    await until('the end of the emulator', async () => !(await answers(endpoint)));
    await until('the end of its folder', async () => (await readdir(folder)).length === 0);
  } finally {
    child?.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
    await rm(BUNDLE, { force: true });
  }
});

async function answers(endpoint: string): Promise<boolean> {
  return fetch(`${endpoint}/_ministack/ready`).then(
    () => true,
    () => false,
  );
}
