import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openStore } from '@totesys/lake';
import { describeError, type Sql, silentTelemetry } from '@totesys/runtime';
import { quoteIdentifier } from '@totesys/schema';
import { createContext } from '../command-context.ts';
import { reconcile } from '../commands/reconcile.ts';
import type { Terminal } from '../terminal.ts';
import { beginLife } from './begin-life.ts';
import { checkHistory } from './check-history.ts';
import { checkLake, type LakeObjects, readLakeObjects } from './check-lake.ts';
import { waitForServer } from './crash-server.ts';
import { isRetried, type Plan } from './effects.ts';
import type { PlantedBug } from './planted-bugs.ts';
import { type StageEnd, type StageOrder, spawnStage } from './stage-process.ts';
import { openDatabase, runStage, STAGES, type Stage, type StageResult, type Surroundings } from './stage-run.ts';
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
  await mkdir(lake, { recursive: true });
  scene.lake?.write(lake);
  const place = scene.bucket === undefined ? lake : `s3://${scene.bucket}/${name}`;
  const warehouseUrl = await world.cluster.createDatabase(
    name,
    scene.warehouse === undefined ? {} : { template: scene.warehouse },
  );
  const order: Order = {
    stages: scene.stages,
    sourceUrl: world.sourceUrl,
    warehouseUrl,
    ingestionUri: `${place}/ingestion`,
    processedUri: `${place}/processed`,
    ...(bug && { bug }),
  };
  const warehouse = await openDatabase(warehouseUrl, 'warehouse');
  const surroundings: Surroundings = {
    source: world.source,
    warehouse,
    ingestion: openStore(order.ingestionUri),
    processed: openStore(order.processedUri),
  };
  const isRestarted = plans.some((plan) => plan?.fault === 'restart');
  // The kit's servers forget the last moments before a crash, which no real warehouse may.
  if (isRestarted) await warehouse.unsafe(`alter database ${quoteIdentifier(name)} set synchronous_commit = on`);
  try {
    // A crash of the server takes what is open with it.
    const livesOn = scene.stages.includes('ingest') && !isRestarted;
    const liveOn = livesOn ? await beginLife(world.author) : async () => {};
    const ends = await Promise.all(plans.map((plan) => spawnStage({ ...order, ...(plan && { plan }) })));
    if (isRestarted) await waitForServer(warehouseUrl);
    const before = await readLakeObjects([surroundings.ingestion, surroundings.processed]);
    const differences = [
      ...ends.flatMap((end, i) => faultsOfEnd(end, plans[i], plans.length)),
      // What all stages bring at once is none of the world's batches.
      ...(scene.stages.length > 1 ? [] : await faultsOfSnapshot(world, warehouse)),
    ];
    await liveOn();
    const failure = await settle(surroundings);
    const isStruck = plans.every((plan, i) => plan === undefined || wasStruck(ends[i]!));
    if (failure !== undefined) return { ends, isStruck, differences: [...differences, failure] };
    return { ends, isStruck, differences: [...differences, ...(await check(order, surroundings, before))] };
  } finally {
    await warehouse.end({ timeout: 1 });
    await world.cluster.dropDatabase(name);
    await rm(lake, { recursive: true, force: true });
  }
}

async function check(order: Order, { ingestion, processed, warehouse }: Surroundings, before: LakeObjects) {
  try {
    return [
      ...(await reconciled(order)),
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

/** Rounds within which a pipeline that has to do something has done it. */
const ROUNDS = 4;
/** What a yielded stage waits for: the session of a dead client; so often, so long. */
const YIELDS = 200;
const YIELD_STEP_MS = 50;

/** Runs all stages until none finds anything to do; says what keeps them from it. */
async function settle(surroundings: Surroundings): Promise<string | undefined> {
  for (let round = 1; round <= ROUNDS; round++) {
    const outcomes: string[] = [];
    for (const stage of STAGES) {
      try {
        outcomes.push((await runUnyielding(stage, surroundings)).outcome);
      } catch (error) {
        const { code, message } = describeError(error);
        return `the next ${stage} fails: ${code ?? ''} ${message}`;
      }
    }
    if (outcomes.every((outcome) => outcome === 'unchanged')) return undefined;
  }
  return `the pipeline finds no end: after ${ROUNDS} rounds there is still something to do`;
}

async function runUnyielding(stage: Stage, surroundings: Surroundings): Promise<StageResult> {
  for (let yields = 0; ; yields++) {
    const result = await runStage(stage, surroundings);
    if (result.outcome !== 'yielded' || yields === YIELDS) return result;
    await delay(YIELD_STEP_MS);
  }
}

async function reconciled(order: Order): Promise<string[]> {
  const { sourceUrl: source, warehouseUrl: warehouse, ingestionUri: ingestion, processedUri: processed } = order;
  const context = createContext({ source, warehouse, ingestion, processed }, SILENT, new AbortController().signal);
  try {
    const result = await reconcile(context);
    return result.ok ? [] : [`reconcile: ${JSON.stringify(result.differences ?? result).slice(0, RESULT_CHARACTERS)}`];
  } finally {
    await context.close();
  }
}

const RESULT_CHARACTERS = 2_000;
const NOTHING = () => {};
const SILENT: Terminal = {
  say: NOTHING,
  answer: NOTHING,
  complain: NOTHING,
  clearBars: NOTHING,
  telemetryOf: () => silentTelemetry,
};
