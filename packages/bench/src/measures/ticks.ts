import type { Sql } from '@totesys/runtime';
import { makeChanges } from '../source/make-changes.ts';
import { type BenchContext, runFloor, runTotesys } from './bench-context.ts';
import type { Places } from './run-command.ts';

/** The changes of a tick: edits, unstamped edits, new and deleted orders. */
export const TICK_CHANGES = 200;

/** A loaded source whose ticks are measured. */
export interface Ticking {
  readonly group: string;
  readonly source: Sql;
  readonly places: Places;
  readonly rows: number;
}

// Each round of changes has another number, so that it chooses other rows.
let round = 0;

/**
 * Measures ticks as processes of their own, in turn with a scan of the tables: without a change, and with mixed
 * changes.
 */
export async function measureTicks(context: BenchContext, { group, source, places, rows }: Ticking): Promise<void> {
  const { recorder, repeats, say } = context;
  const floor = 'floor: count(*)';
  for (let repeat = 1; repeat <= repeats; repeat++) {
    say(`Measuring ${group}, ${repeat} of ${repeats} …`);
    recorder.add({ group, name: floor, rows }, await runFloor(context, 'scan', places));
    recorder.add({ group, name: 'ingest, no change', rows, floor }, await runTotesys(context, 'ingest', places));
    recorder.add({ group, name: 'run, no change', rows, floor }, await runTotesys(context, 'run', places));
    await makeChanges(source, TICK_CHANGES, ++round);
    const name = `run, ${TICK_CHANGES} changes`;
    recorder.add({ group, name, rows, floor }, await runTotesys(context, 'run', places));
  }
}
