import { existsSync, readFileSync } from 'node:fs';
import { type Program, parseTimes, runProcess } from '../../src/measures/run-process.ts';

const LIMIT_MS = 60_000;

const run = (script: string, others: Partial<Program> = {}) =>
  runProcess({
    command: ['/bin/sh', '-c', script],
    environment: { PATH: process.env.PATH! },
    limitMs: LIMIT_MS,
    ...others,
  });

test('the code and both streams are those of the program', async () => {
  expect(await run('echo out; echo err >&2; exit 3')).toMatchObject({ code: 3, stdout: 'out\n', stderr: 'err\n' });
});

test('the environment is what is given and nothing else', async () => {
  const { stdout } = await run('env', { environment: { PATH: process.env.PATH!, GIVEN: 'yes' } });
  const names = stdout.split('\n').map((line) => line.split('=')[0]);
  expect(names).toContain('GIVEN');
  for (const name of ['HOME', 'NODE_OPTIONS', 'TOTESYS_TEST_CLUSTER']) expect(names).not.toContain(name);
});

test('a program past its limit ends with all its children', async () => {
  const { isPastLimit, code, stdout } = await run('sleep 600 & echo $!; wait', { limitMs: 300 });
  expect({ isPastLimit, code }).toEqual({ isPastLimit: true, code: null });
  expect(isRunning(Number(stdout))).toBe(false);
});

test('an interruption ends the program', async () => {
  const ended = await run('sleep 600', { interrupted: AbortSignal.abort() });
  expect(ended.code).toBeNull();
});

test('reads the output of the shell command times on Linux and on macOS', () => {
  expect(parseTimes('0m0.00s 0m0.00s\n1m2.50s 0m0.25s\n')).toBeCloseTo(62.75);
  expect(parseTimes('0m0.010s 0m0.020s\n0m0.400s 0m0.100s')).toBeCloseTo(0.5);
});

// A killed process that its new parent has not waited for yet has a state: Z.
function isRunning(pid: number): boolean {
  if (!existsSync('/proc')) {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  }
  return existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}
