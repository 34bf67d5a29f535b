import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { until } from '@totesys/sandbox';
import { startProcess } from '../../src/measures/start-process.ts';

const start = (script: string, interrupted = new AbortController().signal) =>
  startProcess({
    command: ['/bin/sh', '-c', script],
    environment: { PATH: process.env.PATH! },
    folder: tmpdir(),
    interrupted,
  });

test('a running process has CPU time and memory, and stop ends it', async () => {
  const running = start('exec sleep 600');
  // Both are read from /proc, which macOS does not have.
  if (existsSync('/proc')) {
    await until('its memory', () => running.takePeakMegabytes());
    expect(running.cpuSeconds()).toBeGreaterThanOrEqual(0);
  }
  expect(running.fault()).toBeUndefined();
  await running.stop();
  expect(running.fault()).toBe('exit code SIGTERM: ');
});

test('a process that ends has a fault with the end of its output', async () => {
  const running = start('echo no such table >&2; exit 3');
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
  const running = start('trap "" TERM; sleep 600', interruption.signal);
  interruption.abort();
  expect(await until('its end', running.fault)).toBe('exit code SIGKILL: ');
  await running.stop();
});
