import { runProcess } from '../../src/measures/run-process.ts';

test('the CPU time of grandchildren counts', async () => {
  const busy = `${process.execPath} -e 'for (let end = process.cpuUsage().user + 3e5; process.cpuUsage().user < end;);'`;
  const { sample } = await runProcess({
    command: ['/bin/sh', '-c', `sh -c "${busy}"; true`],
    environment: { PATH: process.env.PATH! },
    limitMs: 60_000,
  });
  expect(sample.clientCpuSeconds).toBeGreaterThanOrEqual(0.3);
});
