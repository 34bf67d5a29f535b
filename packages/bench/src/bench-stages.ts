import type { Sandbox } from '@totesys/sandbox';
import { type BenchContext, connectTo } from './measures/bench-context.ts';
import { measureFirstLoad } from './measures/first-load.ts';
import { measureGrowth } from './measures/growth.ts';
import { measureHintedTicks } from './measures/hinted-ticks.ts';
import { Recorder } from './measures/recorder.ts';
import { watchServerCpu } from './measures/server-cpu.ts';
import { measureTicks } from './measures/ticks.ts';
import { parseCount, type RawOptions } from './options.ts';
import { describeMachine, readVersions } from './report/machine.ts';
import type { BenchResult } from './report/result.ts';
import { runBench } from './run-bench.ts';
import { fillSource } from './source/fill-source.ts';

/** Change hints need logical decoding. */
const LOGICAL = { settings: { wal_level: 'logical' } } as const;

/** The sizes of a run. */
interface Sizes {
  readonly rows: number;
  readonly loads: number;
  readonly repeats: number;
  readonly smallRows: number;
  readonly batches: number;
}

/**
 * Runs `make bench`: the first load, ticks and their growth, beside the time that Postgres alone takes for the same
 * rows in the same run.
 */
export async function benchStages(options: RawOptions): Promise<number> {
  const rows = parseCount(options, 'rows', 100);
  const sizes: Sizes = {
    rows,
    loads: parseCount(options, 'loads', 1),
    repeats: parseCount(options, 'repeats', 1),
    smallRows: options.smallRows === undefined ? Math.ceil(rows / 10) : parseCount(options, 'smallRows', 100),
    batches: parseCount(options, 'batches', 0),
  };
  return runBench('bench', options, (sandbox, say) => measureStages(sandbox, sizes, say), LOGICAL);
}

async function measureStages(sandbox: Sandbox, sizes: Sizes, say: (line: string) => void): Promise<BenchResult> {
  const { sourceUrl, interrupted } = sandbox;
  const { rows, loads, repeats, smallRows, batches } = sizes;
  const machine = describeMachine();
  say(`Making a source of ${rows.toLocaleString('en')} rows …`);
  const source = await connectTo(sourceUrl);
  try {
    await fillSource(source, rows);
    const recorder = new Recorder();
    const readServerCpu = await watchServerCpu(sourceUrl);
    const context: BenchContext = { sandbox, recorder, repeats, say, readServerCpu, interrupted };
    const { places, lakes } = await measureFirstLoad(context, { url: sourceUrl, rows }, loads);
    const ticking = { group: 'ticks', source, places, rows };
    await measureTicks(context, ticking);
    await measureHintedTicks(context, ticking);
    await measureGrowth(context, { rows: smallRows, batches });
    return {
      format: 1,
      kind: 'stages',
      date: new Date().toISOString(),
      machine,
      versions: await readVersions(source),
      rows,
      bytes: { 'ingestion lake after the first load': lakes.ingestion, 'processed lake after it': lakes.processed },
      measures: recorder.measures(),
    };
  } finally {
    await source.end();
  }
}
