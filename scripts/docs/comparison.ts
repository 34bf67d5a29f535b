import type { BenchResult, Measure } from '../../packages/bench/src/report/result.ts';
import { readMeasured } from './benchmarks.ts';

/** Returns the generated section of docs/comparison.md: what the first load and the freshness cost with each tool. */
export function renderComparison(): Readonly<Record<string, string>> {
  const [peers, freshness] = [readMeasured('peers'), readMeasured('freshness')];
  const lines = [
    ...peers.measures.filter(({ group }) => group === 'moved into Postgres').map(firstLoadRow),
    ...freshness.measures.map(freshnessRow),
  ];
  const head = ['| what | seconds | peak RSS MB | what arrives |', '|---|---|---|---|'];
  return { measured: [captionOf(peers, freshness), '', ...head, ...lines.filter((line) => line !== '')].join('\n') };
}

function firstLoadRow({ name, seconds, peakMegabytes }: Measure): string {
  if (name.startsWith('floor') || !seconds || !peakMegabytes) return '';
  const arrives = name.startsWith('totesys') ? 'a star schema with history, and two lakes' : 'a copy of the tables';
  return row([`first load: ${name}`, seconds.median.toFixed(2), peakMegabytes.median.toFixed(0), arrives]);
}

function freshnessRow({ name, freshness, peakMegabytes, outcome = '' }: Measure): string {
  if (!freshness || !peakMegabytes) return '';
  const fault = /^WRONG: .*?(?=; arrival)/.exec(outcome)?.map((found) => `; ${found}`) ?? [];
  const arrives = outcome.replace(/^.*?arrival: /, '').replace(/[;:] (proved|not found|a star schema).*$/, '');
  const found = freshness.unfound > 0 ? `; ${freshness.unfound.toLocaleString('en')} operations are not found` : '';
  const cells = [`freshness, p99: ${name}`, freshness.p99.toFixed(2), peakMegabytes.median.toFixed(0)];
  return row([...cells, [arrives, found, ...fault].join('')]);
}

function captionOf(peers: BenchResult, { rows, operations }: BenchResult): string {
  const load = `First load of ${peers.rows.toLocaleString('en')} rows in eleven tables.`;
  if (!operations) return load;
  const source = `a source of ${rows.toLocaleString('en')} rows`;
  const rate = `${operations.perSecond} operations a second for ${operations.seconds} s`;
  return `${load} Freshness with ${source} and ${rate}.`;
}

const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
