import type { IngestResult } from '@totesys/ingest';
import type { LoadResult } from '@totesys/load';
import type { TransformResult } from '@totesys/transform';
import { checkPlaces } from '../places/check-places.ts';
import type { CommandContext } from '../process/command-context.ts';
import type { PrepareRuns, RepeatedRun } from '../repeat/repeated-command.ts';
import { describeIngest, prepareIngest } from '../stages/run-ingest.ts';
import { describeLoad, runLoad } from '../stages/run-load.ts';
import { describeTransform, runTransform } from '../stages/run-transform.ts';

/**
 * The time without a change after which transform and load run all the same: another process may have committed a
 * batch. Milliseconds.
 */
const SWEEP_MS = 30_000;

/** Results of the stages that ran and did not fail. */
interface StageResults {
  readonly read?: IngestResult | undefined;
  readonly derived?: TransformResult | undefined;
  readonly loaded?: LoadResult | undefined;
}

/**
 * Checks that the databases answer and belong to the lakes, and returns a function that runs each stage once. A stage
 * that fails does not stop the others: batches in the lakes reach the warehouse while the source is down, and changes
 * reach the lakes while the warehouse is down. Transform and load run after a change, after a failure and as a sweep.
 */
export const prepareRunEvery: PrepareRuns = async (context) => {
  await Promise.all([context.source(), context.warehouse()]);
  await checkPlaces(context);
  const ingest = prepareIngest(context);
  let sweepMs = 0;
  return async () => {
    const faults: unknown[] = [];
    const attempt = <R>(stage: () => Promise<R>) => keepFault(context, stage, faults);
    const read = await attempt(ingest);
    // A run of ingest that failed may have committed its batch.
    const isIdle = read !== undefined && read.outcome !== 'committed';
    if (isIdle && performance.now() < sweepMs) return describeRun({ read }, faults);
    const derived = await attempt(() => runTransform(context));
    const loaded = await attempt(() => runLoad(context, {}));
    const mayWait = faults.length > 0 || loaded?.outcome === 'yielded';
    sweepMs = mayWait ? 0 : performance.now() + SWEEP_MS;
    return describeRun({ read, derived, loaded }, faults);
  };
};

async function keepFault<R>(
  { interrupted }: CommandContext,
  stage: () => Promise<R>,
  faults: unknown[],
): Promise<R | undefined> {
  if (interrupted.aborted) return undefined;
  try {
    return await stage();
  } catch (error) {
    faults.push(error);
    return undefined;
  }
}

function describeRun({ read, derived, loaded }: StageResults, faults: readonly unknown[]): RepeatedRun {
  const batch = read?.outcome === 'committed' ? read : undefined;
  const summary = [
    ...(read === undefined ? [] : [`ingest ${describeIngest(read)}`]),
    ...(derived === undefined || derived.batches.length === 0 ? [] : [`transform ${describeTransform(derived)}`]),
    ...(loaded === undefined || loaded.batches.length === 0 ? [] : [`load ${describeLoad(loaded)}`]),
  ];
  return {
    hasChanged: batch !== undefined || (derived?.batches ?? []).length > 0 || (loaded?.batches ?? []).length > 0,
    hasMore: batch?.complete === false,
    summary: summary.join('; '),
    result: {
      command: 'run',
      batches: batch === undefined ? [] : [batch.batch],
      rows: batch?.rows ?? 0,
      deleted: batch?.deleted ?? 0,
      quarantined: (batch?.quarantined ?? 0) + (derived?.quarantined ?? 0),
      loaded: loaded?.batches ?? [],
      ...(loaded !== undefined && { held: loaded.held }),
      warnings: [...new Set([read, derived, loaded].flatMap((result) => result?.warnings ?? []))],
    },
    faults,
  };
}
