import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openStore } from '@totesys/lake';
import { describeError, type Sql } from '@totesys/runtime';
import { quoteIdentifier } from '@totesys/schema';
import { beginLife } from './begin-life.ts';
import { checkHistory } from './check-history.ts';
import { checkLake, readLakeObjects } from './check-lake.ts';
import { checkWarehouse } from './check-warehouse.ts';
import { waitForServer } from './crash-server.ts';
import { isRetried, type Plan } from './effects.ts';
import type { PlantedBug } from './planted-bugs.ts';
import { settle } from './settle.ts';
import { type StageEnd, type StageOrder, spawnStage } from './stage-process.ts';
import { openDatabase, type Surroundings } from './stage-run.ts';
import { readWarehouseState } from './warehouse-state.ts';
import type { Scene, World } from './world.ts';

/** One scene with what befalls it: a plan for one process, or several processes at once. */
export interface Trial {
  readonly scene: Scene;
  readonly plans: readonly (Plan | undefined)[];
  readonly bug?: PlantedBug;
}

/** How a trial ended: what became of each process, and what is wrong afterwards. */
export interface TrialEnd {
  readonly ends: readonly StageEnd[];
  /** Whether what was planned happened: a process may yield, or have one effect less to do. */
  readonly isStruck: boolean;
  readonly differences: readonly string[];
}

type Order = Omit<StageOrder, 'plan'>;

let trials = 0;

/** Restores the scene, strikes, lets the source live on, runs the pipeline again as its schedule would, and checks everything. */
export async function runTrial(world: World, { scene, plans, bug }: Trial): Promise<TrialEnd> {
  const name = `${world.name}_${++trials}`;
  const lake = join(world.folder, String(trials));
  const template = scene.warehouse === undefined ? {} : { template: scene.warehouse };
  const warehouseUrl = await world.cluster.createDatabase(name, template);
  const warehouse = await openDatabase(warehouseUrl, 'warehouse');
  try {
    // The kit's servers forget the last moments before a crash, which no real warehouse may.
    await warehouse.unsafe(`alter database ${quoteIdentifier(name)} set synchronous_commit = on`);
    await mkdir(lake, { recursive: true });
    scene.lake?.write(lake);
    const place = scene.bucket === undefined ? lake : `s3://${scene.bucket}/${name}`;
    const order: Order = {
      stages: scene.stages,
      sourceUrl: world.sourceUrl,
      warehouseUrl,
      ingestionUri: `${place}/ingestion`,
      processedUri: `${place}/processed`,
      ...(bug && { bug }),
    };
    const surroundings: Surroundings = {
      source: world.source,
      warehouse,
      ingestion: openStore(order.ingestionUri),
      processed: openStore(order.processedUri),
    };
    const ends = await strike(world, order, plans);
    return {
      ends,
      isStruck: plans.every((plan, i) => plan === undefined || wasStruck(ends[i]!)),
      differences: [
        ...ends.flatMap((end, i) => faultsOfEnd(end, plans[i], plans.length)),
        // What all stages bring at once is none of the world's batches.
        ...(scene.stages.length > 1 ? [] : await faultsOfSnapshot(world, warehouse)),
        ...(await goOn(order, surroundings)),
      ],
    };
  } finally {
    await warehouse.end({ timeout: 1 });
    await world.cluster.dropDatabase(name);
    await rm(lake, { recursive: true, force: true });
  }
}

// The source lives on when they are dead. A crash of the server takes with it what is open there.
async function strike(world: World, order: Order, plans: Trial['plans']): Promise<StageEnd[]> {
  const isRestarted = plans.some((plan) => plan?.fault === 'restart');
  const livesOn = order.stages.includes('ingest') && !isRestarted;
  const liveOn = livesOn ? await beginLife(world.author) : undefined;
  try {
    return await Promise.all(plans.map((plan) => spawnStage({ ...order, ...(plan && { plan }) })));
  } finally {
    if (isRestarted) await waitForServer(order.warehouseUrl);
    await liveOn?.();
  }
}

async function goOn(order: Order, surroundings: Surroundings): Promise<string[]> {
  const { ingestion, processed, warehouse } = surroundings;
  const before = await readLakeObjects([ingestion, processed]);
  const failure = await settle(surroundings);
  if (failure !== undefined) return [failure];
  try {
    return [
      ...(await checkWarehouse(order)),
      ...(await checkLake(ingestion, processed, before)),
      ...(await checkHistory(processed, warehouse)),
    ];
  } catch (error) {
    return [`what is there cannot even be checked: ${describeError(error).message}`];
  }
}

function wasStruck(end: StageEnd): boolean {
  return end.kind === 'killed' || (end.kind !== 'broken' && end.isStruck);
}

function faultsOfEnd(end: StageEnd, plan: Plan | undefined, company: number): string[] {
  if (end.kind === 'broken') return [`the struck process is broken: ${end.message}`];
  if (end.kind !== 'failed' || (plan && !isRetried(plan.fault))) return [];
  const circumstance = company > 1 ? 'beside another' : `though ${plan?.fault ?? 'nothing'} is no reason to`;
  return [`a process failed ${circumstance}: ${end.code}: ${end.message}`];
}

// Law 5: at any moment the warehouse shows one batch whole, whoever died.
async function faultsOfSnapshot(world: World, warehouse: Sql): Promise<string[]> {
  const { batch, content } = await readWarehouseState(warehouse);
  const isWhole = world.states.some((state) => state.batch === batch && state.content === content);
  return isWhole ? [] : [`right after it the warehouse says that it is at batch ${batch}, and shows something else`];
}
