import { silentTelemetry } from '@totesys/runtime';
import { quietTerminal } from '../../src/repeat/quiet-terminal.ts';

function open() {
  const said: string[] = [];
  const terminal = quietTerminal({
    print: (line) => void said.push(line),
    printJson: () => {},
    printJsonLine: () => {},
    log: (line) => void said.push(line),
    clearBars: () => {},
    telemetryOf: () => ({
      ...silentTelemetry,
      warn: (event, fields) => void said.push(`${event} ${JSON.stringify(fields)}`),
      progress: () => void said.push('progress'),
    }),
  });
  return { terminal, said };
}

test('a warning is written once while each run has it, and again after a run without it', () => {
  const { terminal, said } = open();
  const run = (...lines: string[]) => {
    terminal.nextRun();
    for (const line of lines) terminal.log(line);
    return said.splice(0);
  };
  expect(run('a', 'b', 'a')).toEqual(['a', 'b']);
  expect(run('a', 'c')).toEqual(['c']);
  expect(run()).toEqual([]);
  expect(run('a')).toEqual(['a']);
});

test('warnings of a stage are compared with their fields; progress and the lines of stages are not written', () => {
  const { terminal, said } = open();
  for (const batch of [1, 1, 2]) {
    terminal.nextRun();
    const telemetry = terminal.telemetryOf('load');
    telemetry.warn('batch:missing', { batch });
    telemetry.progress('staff', 1);
    terminal.print('load       no batch waits');
  }
  expect(said).toEqual(['batch:missing {"batch":1}', 'batch:missing {"batch":2}']);
});
