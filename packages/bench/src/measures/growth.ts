import { BENCH } from '../programs.ts';
import { fillSource } from '../source/fill-source.ts';
import { type BenchContext, connectTo, emptyPlaces, runTotesys } from './bench-context.ts';
import { measureHintedTicks } from './hinted-ticks.ts';
import { runCommand } from './run-command.ts';
import { measureTicks } from './ticks.ts';

/** How growth is measured. */
export interface GrowthOptions {
  /** The rows of the smaller source. */
  readonly rows: number;
  /** The most batches: ticks are measured at 10 batches, 100 and so on up to this number. */
  readonly batches: number;
}

/** The changes of each batch that only makes the lake longer. */
const FILLER_CHANGES = 10;
const FEWEST_BATCHES = 10;

/**
 * Measures ticks of a smaller source, which shows what the rows cost, and again after more and more batches, which
 * shows what the batches cost.
 */
export async function measureGrowth(context: BenchContext, { rows, batches }: GrowthOptions): Promise<void> {
  const { sandbox, say } = context;
  say(`Making the smaller source of ${rows.toLocaleString('en')} rows …`);
  const url = await sandbox.cluster.createDatabase(`bench_small_${process.pid}`);
  const source = await connectTo(url);
  try {
    await fillSource(source, rows);
    const places = await emptyPlaces(context, url);
    await runTotesys(context, ['run'], places);
    const ticking = { group: 'ticks of the smaller source', source, places, rows };
    await measureTicks(context, ticking);
    // The first load and the ticks so far have made batches of their own.
    let made = 1 + context.repeats;
    for (let size = FEWEST_BATCHES; size <= batches; size *= 10) {
      say(`Making batches up to ${size.toLocaleString('en')} …`);
      const missing = Math.max(0, size - made);
      await runCommand(BENCH, ['batches', String(missing), String(FILLER_CHANGES)], places, context);
      await measureTicks(context, { group: `ticks after ${size.toLocaleString('en')} batches`, source, places, rows });
      made = Math.max(size, made) + context.repeats;
    }
    await measureHintedTicks(context, ticking);
  } finally {
    await source.end();
  }
}
