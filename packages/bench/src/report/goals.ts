import { markdownTable } from './markdown.ts';
import type { BenchResult, Measure } from './result.ts';

/** A goal and what was measured of it. */
interface Goal {
  readonly text: string;
  readonly most: number;
  readonly measured: number | undefined;
  readonly digits: number;
}

/** The names of measures that goals refer to. */
const TICK = 'run, 200 changes';

/** Returns the table of goals: each with the figure of the last measured runs. */
export function goalsMarkdown(stages: BenchResult, peers: BenchResult, freshness: BenchResult): string {
  const rows = [...goals(stages, peers), freshnessGoal(freshness)].map(({ text, most, measured, digits }) => [
    text,
    most.toFixed(digits),
    measured?.toFixed(digits) ?? 'not measured',
    measured === undefined ? '' : measured <= most ? 'reached' : '**missed**',
  ]);
  return markdownTable(['goal', 'at most', 'measured', ''], rows);
}

function goals(stages: BenchResult, peers: BenchResult): Goal[] {
  const find = (group: string, name: string) =>
    stages.measures.find((each) => each.group === group && each.name === name);
  const first = (name: string) => find('first load', name)?.ratio?.median;
  const tick = find('ticks', TICK);
  const small = find('ticks of the smaller source', TICK);
  const [hinted, hintedSmall] = ['ticks with hints', 'ticks of the smaller source with hints'].map((group) =>
    find(group, TICK),
  );
  const longest = stages.measures.filter(({ group, name }) => group.startsWith('ticks after') && name === TICK).at(-1);
  const ducks = peers.bytes['DuckDB, Parquet with zstd, bytes written'];
  const own = peers.bytes['totesys ingest, bytes written'];
  return [
    { text: 'first load, all stages, × pipes', most: 1.5, measured: first('run, all stages'), digits: 2 },
    { text: 'ingest of the first load, × COPY to null', most: 1.6, measured: first('ingest'), digits: 2 },
    { text: 'tick with 200 changes, seconds above the scan', most: 1.2, measured: above(tick), digits: 2 },
    {
      text: 'tick with 200 changes, CPU seconds of the client',
      most: 0.8,
      measured: tick?.clientCpuSeconds?.median,
      digits: 2,
    },
    {
      text: 'tick with 200 changes and hints, × one with a tenth of the rows',
      most: 1.2,
      measured: per(hinted, hintedSmall),
      digits: 2,
    },
    {
      text: `tick ${longest?.group.slice('ticks '.length) ?? ''}, × one at first`,
      most: 1.2,
      measured: per(longest, small),
      digits: 2,
    },
    { text: 'peak RSS of any stage, MB', most: 300, measured: peak(stages), digits: 0 },
    {
      text: 'ingestion lake, × the Parquet files of DuckDB',
      most: 1.3,
      measured: own === undefined || ducks === undefined ? undefined : own / ducks,
      digits: 2,
    },
  ];
}

// The last measure of this product is the one with change hints, if they were measured.
function freshnessGoal({ measures, operations }: BenchResult): Goal {
  const own = measures.findLast(({ name }) => name.startsWith('totesys'));
  return {
    text: `freshness at ${operations?.perSecond ?? 0} operations a second, p99 in seconds (${own?.name ?? 'no run'})`,
    most: 2,
    measured: own?.freshness?.p99,
    digits: 2,
  };
}

const above = (measure: Measure | undefined) => measure?.secondsAboveFloor?.median;

function per(measure: Measure | undefined, other: Measure | undefined): number | undefined {
  return measure?.seconds && other?.seconds ? measure.seconds.median / other.seconds.median : undefined;
}

function peak({ measures }: BenchResult): number | undefined {
  const peaks = measures.filter(({ name }) => !name.startsWith('floor')).map((each) => each.peakMegabytes?.most);
  const known = peaks.filter((each) => each !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
}
