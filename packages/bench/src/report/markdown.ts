import { describeRun, groupMeasures, megabytes } from './format-measure.ts';
import { measureTable } from './measure-table.ts';
import type { BenchResult, Measure } from './result.ts';

const FLOORS_PLOTTED = 'seconds as multiples of the floor, and peak memory';
const PLOTTED = {
  stages: FLOORS_PLOTTED,
  peers: FLOORS_PLOTTED,
  proof: FLOORS_PLOTTED,
  freshness: 'p99 over the time of the run, and CPU time',
} as const;

/** Returns a result as Markdown: a line about the run, the plot, a table for each group, and the bytes. */
export function resultMarkdown(result: BenchResult): string {
  const { kind } = result;
  const tables = [...groupMeasures(result)].map(([group, measures]) => {
    const { head, rows } = measureTable(kind, measures);
    return `**${group}**\n\n${markdownTable(head, rows)}`;
  });
  const bytes = Object.entries(result.bytes).map(([name, size]) => `- ${name}: ${megabytes(size)}`);
  return [
    describeRun(result),
    `![${kind}: ${PLOTTED[kind]}](benchmarks/${kind}.svg)`,
    ...tables,
    ...(bytes.length > 0 ? [bytes.join('\n')] : []),
  ].join('\n\n');
}

/** Returns the peers that were faster or smaller than this product in their group, or a sentence that none was. */
export function betterPeers(peers: BenchResult): string {
  const lines = [...groupMeasures(peers)].flatMap(([group, measures]) => {
    const own = measures.find(({ name }) => name.startsWith('totesys'));
    const others = measures.filter((each) => (each.seconds ?? each.freshness) && !/^(totesys|floor)/.test(each.name));
    return own ? others.flatMap((other) => betterLine(group, own, other)) : [];
  });
  return lines.length > 0 ? lines.join('\n') : 'No peer was faster or smaller in this run.';
}

function betterLine(group: string, own: Measure, other: Measure): string[] {
  const better = [
    compare('time', own.seconds?.median, other.seconds?.median),
    compare('time from commit to arrival (p99)', own.freshness?.p99, other.freshness?.p99),
    compare('CPU time of the client', own.clientCpuSeconds?.median, other.clientCpuSeconds?.median),
    compare('peak memory', own.peakMegabytes?.most, other.peakMegabytes?.most),
  ].filter((text) => text !== undefined);
  return better.length > 0 ? [`- ${group}: ${other.name} needs ${better.join(', ')} of ${own.name}.`] : [];
}

function compare(what: string, own: number | undefined, other: number | undefined): string | undefined {
  if (own === undefined || other === undefined || other >= own) return undefined;
  return `${(other / own).toFixed(2)} × the ${what}`;
}

/** Returns a table of Markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}
