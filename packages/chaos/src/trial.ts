import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openStore } from '@totesys/lake';
import { describeError, execute, type Sql } from '@totesys/runtime';
import { quoteIdentifier } from '@totesys/schema';
import { beginChanges, editForHiding } from './change-source.ts';
import { checkMissed, checkSlot, checkUse, type SlotStart } from './check-hints.ts';
import { checkHistory } from './check-history.ts';
import { checkLake, readLakeObjects } from './check-lake.ts';
import { checkWarehouse } from './check-warehouse.ts';
import { waitForServer } from './crash-server.ts';
import { isRetried, type Plan } from './effects.ts';
import { HintReport } from './hint-report.ts';
import type { PlantedBug } from './planted-bugs.ts';
import type { Scenario, SimulatedSource } from './scenario.ts';
import { auditOnce, settle } from './settle.ts';
import { loseSlot, type SlotLoss } from './slot-loss.ts';
import { auditMsOf, NO_AUDIT_MS } from './source-choice.ts';
import { fillWal, findConfirmed, restoreSlot } from './source-slot.ts';
import { type StageEnd, type StageOrder, spawnStage } from './stage-process.ts';
import { openDatabase, type Surroundings } from './stage-run.ts';
import { readWarehouseState, type WarehouseState } from './warehouse-state.ts';

/** A scenario and the faults in it: one plan for each process; a process without a plan has no fault. */
export interface Trial {
  readonly scenario: Scenario;
  readonly plans: readonly (Plan | undefined)[];
  readonly loss: SlotLoss;
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
export async function runTrial(simulated: SimulatedSource, trial: Trial): Promise<TrialResult> {
  const { scenario } = trial;
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
    const { seed, mode } = simulated.choice;
    const order: Order = {
      stages: scenario.stages,
      sourceUrl: simulated.sourceUrl,
      warehouseUrl,
      ingestionUri: `${place}/ingestion`,
      processedUri: `${place}/processed`,
      hints: mode,
      auditMs: auditMsOf(seed),
      ...(trial.bug && { bug: trial.bug }),
    };
    const surroundings: Surroundings = {
      source: simulated.source,
      warehouse,
      ingestion: openStore(order.ingestionUri),
      processed: openStore(order.processedUri),
      hints: { mode, auditMs: NO_AUDIT_MS, report: new HintReport() },
    };
    return await tryIn(simulated, trial, order, surroundings);
  } finally {
    await warehouse.end({ timeout: 1 });
    await simulated.cluster.dropDatabase(name);
    await rm(lake, { recursive: true, force: true });
  }
}

async function tryIn(
  simulated: SimulatedSource,
  trial: Trial,
  order: Order,
  surroundings: Surroundings,
): Promise<TrialResult> {
  const { scenario, plans } = trial;
  const { states, start } = await prepare(simulated, scenario, surroundings);
  const ends = await injectFaults(simulated, trial, order);
  const hidesChanges = plans.some((plan, i) => plan?.fault === 'unseen' && wasInjected(ends[i]!));
  const isUndisturbed = plans.length === 1 && plans[0] === undefined;
  return {
    ends,
    isInjected: plans.every((plan, i) => plan === undefined || wasInjected(ends[i]!)),
    differences: [
      ...ends.flatMap((end, i) => faultsOfEnd(end, plans[i], plans.length)),
      // A run of all stages loads batches that the simulated source did not record.
      ...(scenario.stages.length > 1 ? [] : await faultsOfSnapshot(states, surroundings.warehouse)),
      ...(isUndisturbed ? await checkUse(simulated, scenario.moment, ends[0]!, start) : []),
      ...(await checkSlot(simulated, surroundings.ingestion, start)),
      ...(await runOn(simulated, trial, order, surroundings)),
      ...checkMissed(ends, surroundings.hints.report, hidesChanges),
    ],
  };
}

/** What a trial begins with: what the warehouse may show after it, and the slot. */
interface Prepared {
  readonly states: readonly WarehouseState[];
  readonly start: SlotStart;
}

async function prepare(
  { author, choice, states }: SimulatedSource,
  { slot, moment }: Scenario,
  surroundings: Surroundings,
): Promise<Prepared> {
  if (choice.mode === 'off') return { states, start: undefined };
  if (slot !== undefined) await restoreSlot(author, slot);
  if (moment !== 'quiet') return { states, start: await findConfirmed(author) };
  const failure = await settle(surroundings);
  if (failure !== undefined) throw new Error(`Before the fault ${failure}`);
  await fillWal(author);
  return { states: [await readWarehouseState(surroundings.warehouse)], start: await findConfirmed(author) };
}

// The source changes further after the processes have ended. A crash of the server would end the open transaction of
// those changes.
async function injectFaults(simulated: SimulatedSource, { plans, scenario }: Trial, order: Order): Promise<StageEnd[]> {
  const { author, writer, choice } = simulated;
  const isRestarted = plans.some((plan) => plan?.fault === 'restart');
  const isQuiet = scenario.moment === 'quiet';
  const changes = order.stages.includes('ingest') && !isRestarted;
  if (plans.some((plan) => plan?.fault === 'unseen')) await editForHiding(author);
  const commitChanges = changes && !isQuiet ? await beginChanges(author) : undefined;
  try {
    return await Promise.all(plans.map((plan) => spawnStage({ ...order, ...(plan && { plan }) })));
  } finally {
    if (isRestarted) for (const url of [order.sourceUrl, order.warehouseUrl]) await waitForServer(url);
    // What a batch has read leaves the window of later ones: only an audit still finds what its hint lacked.
    if (choice.mode !== 'off') await writer.renew();
    if (changes) await (commitChanges ?? (await beginChanges(author)))();
  }
}

async function runOn(
  { author, choice }: SimulatedSource,
  { loss }: Trial,
  order: Order,
  surroundings: Surroundings,
): Promise<string[]> {
  const { ingestion, processed, warehouse } = surroundings;
  const before = await readLakeObjects([ingestion, processed]);
  await loseSlot(author, loss);
  const failure = (await settle(surroundings)) ?? (choice.mode === 'off' ? undefined : await auditOnce(surroundings));
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
async function faultsOfSnapshot(states: readonly WarehouseState[], warehouse: Sql): Promise<string[]> {
  const { batch, content } = await readWarehouseState(warehouse);
  const isWhole = states.some((state) => state.batch === batch && state.content === content);
  return isWhole
    ? []
    : [`right after the fault the warehouse names batch ${batch} and shows other rows than that batch has`];
}
