import { tmpdir } from 'node:os';
import { until } from '@totesys/sandbox';
import { startProcess } from '../../src/measures/start-process.ts';

const start = (program: string, interrupted = new AbortController().signal) =>
  startProcess({ command: [process.execPath, '-e', program], environment: {}, folder: tmpdir(), interrupted });

test('a running process has CPU time and memory, and stop ends it', async () => {
  const running = start('setInterval(() => {}, 1000)');
  await until('its memory', () => running.takePeakMegabytes());
  expect(running.cpuSeconds()).toBeGreaterThanOrEqual(0);
  expect(running.fault()).toBeUndefined();
  await running.stop();
  expect(running.fault()).toBe('exit code SIGTERM: ');
});

test('a process that ends has a fault with the end of its output', async () => {
  const running = start('console.error("no such table"); process.exitCode = 3');
  expect(await until('its end', running.fault)).toBe('exit code 3: no such table');
  await running.stop();
});

test('a program that cannot be started has a fault', async () => {
  const running = startProcess({
    command: ['/no/such/program'],
    environment: {},
    folder: tmpdir(),
    interrupted: new AbortController().signal,
  });
  expect(await until('its fault', running.fault)).toContain('ENOENT');
  await running.stop();
});

test('an interrupted process is killed', async () => {
  const interruption = new AbortController();
  const running = start('process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)', interruption.signal);
  interruption.abort();
  expect(await until('its end', running.fault)).toBe('exit code SIGKILL: ');
  await running.stop();
});
