import {
  type BenchContext,
  dropWarehouse,
  emptyPlaces,
  runFloor,
  runTotesys,
  runUntilUnchanged,
} from './bench-context.ts';
import { type LakeBytes, lakeBytes } from './lake-bytes.ts';
import type { Places } from './run-command.ts';

/** A loaded warehouse and the size of its lakes. */
export interface Loaded {
  readonly places: Places;
  readonly lakes: LakeBytes;
}

const STAGES = ['ingest', 'transform', 'load'] as const;

/**
 * Measures the first load of a source `loads` times: the floors, each stage by itself, and `totesys run` into another
 * empty warehouse. Returns the places of the last run.
 */
export async function measureFirstLoad(
  context: BenchContext,
  source: { readonly url: string; readonly rows: number },
  loads: number,
): Promise<Loaded> {
  const { recorder, say } = context;
  const group = 'first load';
  const { rows } = source;
  const scratch = await emptyPlaces(context, source.url);
  let loaded: Places | undefined;
  for (let load = 1; load <= loads; load++) {
    say(`Measuring the first load, ${load} of ${loads} …`);
    recorder.add({ group, name: 'floor: pipes', rows }, await runFloor(context, 'pipes', scratch));
    recorder.add({ group, name: 'floor: COPY to null', rows }, await runFloor(context, 'null', scratch));
    const apart = await emptyPlaces(context, source.url);
    for (const stage of STAGES) {
      const floor = stage === 'load' ? 'floor: pipes' : 'floor: COPY to null';
      recorder.add({ group, name: stage, rows, floor }, await runUntilUnchanged(context, stage, apart));
    }
    await dropWarehouse(context, apart);
    if (loaded) await dropWarehouse(context, loaded);
    loaded = await emptyPlaces(context, source.url);
    const floor = 'floor: pipes';
    recorder.add({ group, name: 'run, all stages', rows, floor }, await runTotesys(context, ['run'], loaded));
  }
  await dropWarehouse(context, scratch);
  return { places: loaded!, lakes: await lakeBytes(loaded!.LAKE) };
}
