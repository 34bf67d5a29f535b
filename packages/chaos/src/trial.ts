import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openStore } from '@totesys/lake';
import { describeError, execute, type Sql } from '@totesys/runtime';
import { quoteIdentifier } from '@totesys/schema';
import { beginChanges } from './change-source.ts';
import { checkHistory } from './check-history.ts';
import { checkLake, readLakeObjects } from './check-lake.ts';
import { checkWarehouse } from './check-warehouse.ts';
import { waitForServer } from './crash-server.ts';
import { isRetried, type Plan } from './effects.ts';
import type { PlantedBug } from './planted-bugs.ts';
import { settle } from './settle.ts';
import type { Scenario, SimulatedSource } from './simulated-source.ts';
import { type StageEnd, type StageOrder, spawnStage } from './stage-process.ts';
import { openDatabase, type Surroundings } from './stage-run.ts';
import { readWarehouseState } from './warehouse-state.ts';

/** A scenario and the faults in it: one plan for each process; a process without a plan has no fault. */
export interface Trial {
  readonly scenario: Scenario;
  readonly plans: readonly (Plan | undefined)[];
  readonly bug?: PlantedBug;
}

/** The result of a trial: the end of each process, and the differences after it. */
export interface TrialResult {
  readonly ends: readonly StageEnd[];
  /** Whether the planned fault happened: a process may yield, or have one effect fewer. */
  readonly isInjected: boolean;
  readonly differences: readonly string[];
}

type Order = Omit<StageOrder, 'plan'>;

let trials = 0;

/**
 * Restores the scenario, injects the faults, changes the source, runs the pipeline as its schedule would, and checks
 * the result.
 */
export async function runTrial(simulated: SimulatedSource, { scenario, plans, bug }: Trial): Promise<TrialResult> {
  const name = `${simulated.name}_${++trials}`;
  const lake = join(simulated.folder, String(trials));
  const template = scenario.warehouse === undefined ? {} : { template: scenario.warehouse };
  const warehouseUrl = await simulated.cluster.createDatabase(name, template);
  const warehouse = await openDatabase(warehouseUrl, 'warehouse');
  try {
    // A crash of the kit's servers may lose the last commits; a warehouse must not lose any.
    await execute(warehouse, { text: `alter database ${quoteIdentifier(name)} set synchronous_commit = on` });
    await mkdir(lake, { recursive: true });
    scenario.lake?.write(lake);
    const place = scenario.bucket === undefined ? lake : `s3://${scenario.bucket}/${name}`;
    const order: Order = {
      stages: scenario.stages,
      sourceUrl: simulated.sourceUrl,
      warehouseUrl,
      ingestionUri: `${place}/ingestion`,
      processedUri: `${place}/processed`,
      ...(bug && { bug }),
    };
    const surroundings: Surroundings = {
      source: simulated.source,
      warehouse,
      ingestion: openStore(order.ingestionUri),
      processed: openStore(order.processedUri),
    };
    const ends = await injectFaults(simulated, order, plans);
    return {
      ends,
      isInjected: plans.every((plan, i) => plan === undefined || wasInjected(ends[i]!)),
      differences: [
        ...ends.flatMap((end, i) => faultsOfEnd(end, plans[i], plans.length)),
        // A run of all stages loads batches that the simulated source did not record.
        ...(scenario.stages.length > 1 ? [] : await faultsOfSnapshot(simulated, warehouse)),
        ...(await runOn(order, surroundings)),
      ],
    };
  } finally {
    await warehouse.end({ timeout: 1 });
    await simulated.cluster.dropDatabase(name);
    await rm(lake, { recursive: true, force: true });
  }
}

// The source changes further after the processes have ended. A crash of the server would end the open transaction of
// those changes.
async function injectFaults(simulated: SimulatedSource, order: Order, plans: Trial['plans']): Promise<StageEnd[]> {
  const isRestarted = plans.some((plan) => plan?.fault === 'restart');
  const changes = order.stages.includes('ingest') && !isRestarted;
  const commitChanges = changes ? await beginChanges(simulated.author) : undefined;
  try {
    return await Promise.all(plans.map((plan) => spawnStage({ ...order, ...(plan && { plan }) })));
  } finally {
    if (isRestarted) await waitForServer(order.warehouseUrl);
    await commitChanges?.();
  }
}

async function runOn(order: Order, surroundings: Surroundings): Promise<string[]> {
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
    return [`the result cannot be checked: ${describeError(error).message}`];
  }
}

function wasInjected(end: StageEnd): boolean {
  return end.kind === 'killed' || (end.kind !== 'broken' && end.isInjected);
}

function faultsOfEnd(end: StageEnd, plan: Plan | undefined, processes: number): string[] {
  if (end.kind === 'broken') return [`the process is broken: ${end.message}`];
  if (end.kind !== 'failed' || (plan && !isRetried(plan.fault))) return [];
  const circumstance =
    processes > 1 ? 'beside another one' : `although it must succeed with ${plan?.fault ?? 'no fault'}`;
  return [`a process failed ${circumstance}: ${end.code}: ${end.message}`];
}

// The warehouse shows exactly one batch at every moment, whichever process was killed.
async function faultsOfSnapshot(simulated: SimulatedSource, warehouse: Sql): Promise<string[]> {
  const { batch, content } = await readWarehouseState(warehouse);
  const isWhole = simulated.states.some((state) => state.batch === batch && state.content === content);
  return isWhole
    ? []
    : [`right after the fault the warehouse names batch ${batch} and shows other rows than that batch has`];
}
