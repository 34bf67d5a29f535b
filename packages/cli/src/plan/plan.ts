import { type IngestPlan, planIngest } from '@totesys/ingest';
import { findNewestBatch } from '@totesys/lake';
import { type LoadPlan, planLoad } from '@totesys/load';
import { orStop, type PipelineError } from '@totesys/runtime';
import { sumWaiting, type Waiting } from '../batches/sum-waiting.ts';
import { checkPlaces } from '../places/check-places.ts';
import type { CommandContext } from '../process/command-context.ts';

/** What the next run of each stage would do. */
export interface Plan {
  /** Why no stage would start: the warehouse and the lakes do not belong together. */
  readonly stops: readonly PipelineError[];
  readonly ingest: IngestPlan;
  readonly transform: TransformPlan;
  readonly load: LoadPlan;
}

/** What the next run of transform would do. */
export interface TransformPlan {
  /** The newest batch of the processed lake, 0 for none. */
  readonly newestBatch: number;
  /** The batches that wait, and their changed rows. */
  readonly waiting: Waiting;
}

/** Plans the next run of each stage. It writes nothing, and takes no lock for which a run waits. */
export async function makePlan(context: CommandContext): Promise<Plan> {
  const { model } = context;
  const [ingestion, processed] = [context.ingestion(), context.processed()];
  const [source, warehouse] = [await context.source(), await context.warehouse()];
  const stops: PipelineError[] = [];
  await orStop('warehouse', stops, () => checkPlaces(context));
  const ingest = await planIngest({ model, source, ingestion });
  const transformed = await findNewestBatch(processed);
  const load = await planLoad({ model, warehouse, processed });
  const newest = { read: await findNewestBatch(ingestion), transformed, loaded: transformed };
  const { transform: waiting } = await sumWaiting({ ingestion, processed }, newest);
  return { stops, ingest, transform: { newestBatch: transformed, waiting }, load };
}

/** Returns whether a stage has something to do, or the operator has. */
export function isDue({ stops, ingest, transform, load }: Plan): boolean {
  const { tables, requests, readAgain, unknown, unanswerable } = ingest;
  return (
    [stops, ingest.stops, load.stops, requests, readAgain, unknown, unanswerable].some((each) => each.length > 0) ||
    tables.some(({ coverage, changed, deleted }) => coverage !== 'full' || changed !== 0 || deleted !== 0) ||
    transform.waiting.batches > 0 ||
    load.newestProcessed > load.newestBatch ||
    load.migration.length > 0 ||
    load.writesComments
  );
}
