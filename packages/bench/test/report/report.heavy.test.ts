import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '@totesys/cli';
import { compareResults, printComparison } from '../../src/report/compare-results.ts';
import { betterPeers, resultMarkdown } from '../../src/report/markdown.ts';
import { plotResult } from '../../src/report/plot.ts';
import { printResult } from '../../src/report/print-result.ts';
import { readResult } from '../../src/report/read-result.ts';
import { type BenchResult, type Measure, parseResult } from '../../src/report/result.ts';
import { measure, resultWith } from './results.ts';

const result = resultWith([measure('floor', 1), measure('run <&>', 3, 3)]);

test('ratios to a floor are compared where both runs have one, otherwise seconds', () => {
  const before = resultWith([measure('floor', 2), measure('run <&>', 8, 4), measure('gone', 1)]);
  expect(compareResults(before, result)).toEqual([
    { group: 'ticks', name: 'floor', before: 2, after: 1, unit: 's' },
    { group: 'ticks', name: 'run <&>', before: 4, after: 3, unit: '× floor' },
  ]);
  expect(printComparison(before, result)).toContain('4.00 → 3.00 × floor');
});

test('a comparison of other sizes says so', () => {
  expect(printComparison({ ...result, rows: 99 }, result)).toContain('The sizes differ: 99 and 10 rows.');
});

test('the text has the machine, the versions, each measure and the bytes', () => {
  const text = printResult(result);
  for (const part of ['2 cores (a CPU)', 'totesys 1.0.0', 'run <&>', '1.2 MB']) expect(text).toContain(part);
});

test('the text warns of a machine that was busy before the run', () => {
  expect(printResult(result)).not.toContain('busy');
  const machine = { ...result.machine, loadBefore: 1.5 };
  expect(printResult({ ...result, machine })).toContain('The machine was busy with other processes');
});

test('the plot is SVG with the name of each measure that has a floor', () => {
  const svg = plotResult(result);
  expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  expect(svg).toContain('ticks: run &lt;&amp;&gt;');
  expect(svg).not.toContain('ticks: floor');
});

test('a result without any floor is plotted too', () => {
  expect(plotResult(resultWith([]))).toContain('<svg');
});

const latencies = { operations: 6_000, arrived: 5_900, overwritten: 100, unfound: 0, p50: 0.7, p95: 1.2, most: 1.9 };
const follower = (name: string, p99: number): Measure => ({
  ...measure(name, 1),
  rows: 2_000,
  seconds: undefined,
  freshness: { ...latencies, p99, overTime: [{ second: 0, p99 }] },
  outcome: 'all of it',
});
const freshness: BenchResult = {
  ...resultWith([follower('totesys run', 1.5), follower('another tool', 0.75)]),
  kind: 'freshness',
  operations: { perSecond: 300, seconds: 20 },
};

test('a result of freshness has its rate, its percentiles and the CPU time for 1,000 changed rows', () => {
  expect(parseResult(JSON.stringify(freshness))).toEqual(freshness);
  const cells = ['totesys run', '6,000', '5,900', '0.70', '1.20', '1.50', '1.90', '0.50'];
  for (const text of [printResult(freshness), resultMarkdown(freshness)]) {
    expect(text).toContain('300 operations a second for 20 s');
    expect(text.replaceAll('│', '|').replaceAll(/ +/g, ' ')).toContain(`| ${cells.join(' | ')} |`);
  }
  expect(plotResult(freshness)).toContain('another tool');
  expect(betterPeers(freshness)).toBe(
    '- ticks: another tool needs 0.50 × the time from commit to arrival (p99) of totesys run.',
  );
});

test('the 99th percentiles of two results of freshness are compared', () => {
  const before = { ...freshness, measures: [follower('totesys run', 3)] };
  expect(compareResults(before, freshness)).toEqual([
    { group: 'ticks', name: 'totesys run', before: 3, after: 1.5, unit: 's, p99' },
  ]);
});

test('a written result can be read again', () => {
  expect(parseResult(JSON.stringify(result))).toEqual(result);
});

test('a file that is not a result is a usage error that names the file and its fault', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  try {
    const file = join(folder, 'x.json');
    await expect(readResult(file)).rejects.toThrow('ENOENT');
    await writeFile(file, JSON.stringify({ ...result, rows: 'many' }));
    const reading = readResult(file);
    await expect(reading).rejects.toBeInstanceOf(UsageError);
    await expect(reading).rejects.toThrow(/x\.json is not a result of the bench: .*rows/s);
  } finally {
    await rm(folder, { recursive: true });
  }
});
