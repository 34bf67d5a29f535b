import type { Sql } from '@totesys/runtime';
import { makeChanges } from '../source/make-changes.ts';
import { type BenchContext, runFloor, runTotesys } from './bench-context.ts';
import type { Places } from './run-command.ts';
import type { Sample } from './sample.ts';

/** The changes of a tick: edits, unstamped edits, new and deleted orders. */
export const TICK_CHANGES = 200;

/** A loaded source whose ticks are measured. */
export interface Ticking {
  readonly group: string;
  readonly source: Sql;
  readonly places: Places;
  readonly rows: number;
  /** Options of the commands besides their word. */
  readonly options?: readonly string[];
}

// Each round of changes has another number, so that it chooses other rows.
let round = 0;

/**
 * Measures ticks as processes of their own, in turn with a scan of the tables: without a change, and with mixed
 * changes.
 */
export async function measureTicks(context: BenchContext, ticking: Ticking): Promise<void> {
  const { group, places, rows, options = [] } = ticking;
  const { recorder, repeats, say } = context;
  const floor = 'floor: count(*)';
  for (let repeat = 1; repeat <= repeats; repeat++) {
    say(`Measuring ${group}, ${repeat} of ${repeats} …`);
    recorder.add({ group, name: floor, rows }, await runFloor(context, 'scan', places));
    recorder.add(
      { group, name: 'ingest, no change', rows, floor },
      await runTotesys(context, ['ingest', ...options], places),
    );
    const unchanged = await runTotesys(context, ['run', ...options], places);
    recorder.add({ group, name: 'run, no change', rows, floor }, unchanged);
    const name = `run, ${TICK_CHANGES} changes`;
    recorder.add({ group, name, rows, floor }, await makeTick(context, ticking));
  }
}

/** Changes the source, and runs all stages; returns what the run used. */
export async function makeTick(context: BenchContext, { source, places, options = [] }: Ticking): Promise<Sample> {
  await makeChanges(source, TICK_CHANGES, ++round);
  return runTotesys(context, ['run', ...options], places);
}
