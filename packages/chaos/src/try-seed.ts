import { describeError } from '@totesys/runtime';
import type { Cluster } from '@totesys/sandbox';
import { type Extent, kills, type PlannedTrial, planTrials, type SurveyedScenario } from './plan-trials.ts';
import type { PlantedBug } from './planted-bugs.ts';
import { Random } from './random.ts';
import type { SimulatedSource } from './scenario.ts';
import { simulateSource } from './simulated-source.ts';
import { replayOf, rowOf, type SourceChoice } from './source-choice.ts';
import { STAGES } from './stage-run.ts';
import type { Tally } from './summary.ts';
import { runTrial, type TrialResult } from './trial.ts';
import { tryWakeUps } from './wake-ups.ts';

/** What all seeds of a run share. */
export interface ChaosRun {
  readonly cluster: Cluster;
  readonly folder: string;
  readonly tally: Tally;
  readonly extent: Extent;
  readonly bug?: PlantedBug;
  /** Receives the number of trials ahead, and each trial that is done. */
  readonly progress: { expect(trials: number): void; done(): void };
}

/** Schedules of events for transform, for each seed. */
const WAKE_UPS = 3;
const WAKE_UPS_ROW = 'events';

/** Simulates a source in the given number of copies, numbers its points, and runs the trials of the extent. */
export async function trySource(run: ChaosRun, choice: SourceChoice, copies: number): Promise<void> {
  await withSources(run, choice, copies, async (sources) => {
    const scenarios = await survey(run, sources);
    countPoints(run, choice, scenarios);
    await runTrials(
      run,
      sources,
      scenarios.flatMap((scenario) => planTrials(scenario, run.extent)),
    );
    if (choice.mode === 'off') await tryEvents(run, sources[0]!);
  });
}

function countPoints({ tally }: ChaosRun, choice: SourceChoice, scenarios: readonly SurveyedScenario[]): void {
  for (const stage of STAGES) {
    const own = scenarios.filter((scenario) => scenario.stage === stage);
    if (own.length === 0) continue;
    tally.survey(
      rowOf(choice, stage),
      own.reduce((sum, { effects }) => sum + effects.length, 0),
    );
  }
}

async function tryEvents({ tally }: ChaosRun, simulated: SimulatedSource): Promise<void> {
  const { choice } = simulated;
  for (let schedule = 0; schedule < WAKE_UPS; schedule++) {
    const differences = await tryWakeUps(simulated, new Random(`${choice.seed} ${schedule}`));
    const label = 'events that are lost, doubled, late and out of order';
    tally.add(WAKE_UPS_ROW, { kills: 0, faults: 1, label, replay: replayOf(choice), differences });
  }
}

let made = 0;

/** Runs work with copies of a simulated source, and closes them after it. */
export async function withSources(
  { cluster, folder }: Pick<ChaosRun, 'cluster' | 'folder'>,
  choice: SourceChoice,
  copies: number,
  work: (sources: readonly SimulatedSource[]) => Promise<void>,
): Promise<void> {
  // One seed may have several sources at once: its own, one in a bucket, and one whose server crashes.
  const names = Array.from({ length: copies }, () => String(++made));
  const sources = await Promise.all(names.map((copy) => simulateSource(choice, { cluster, folder, copy })));
  try {
    await work(sources);
  } finally {
    await Promise.all(sources.map((simulated) => simulated.close()));
  }
}

/** Runs each scenario without a fault, to number its effects; this must leave no difference either. */
export async function survey(
  run: ChaosRun,
  sources: readonly SimulatedSource[],
  row?: string,
): Promise<SurveyedScenario[]> {
  const [{ choice, scenarios: all }] = sources as readonly [SimulatedSource];
  const scenarios = run.extent === 'short' ? all.filter(({ moment }) => moment !== 'first') : all;
  const surveyed = await shareAmong(sources, scenarios, async (simulated, { stages, moment }, index) => {
    const label = `${stages.join(', ')} (${moment}), without a fault`;
    const { ends, differences } = await tryOnce(run, simulated, { index, plans: [undefined], loss: 'kept' });
    const stage = stages[0]!;
    run.tally.add(row ?? rowOf(choice, stage), { kills: 0, faults: 0, label, replay: replayOf(choice), differences });
    return { choice, index, stage, moment, effects: ends[0]?.kind === 'done' ? ends[0].effects : [] };
  });
  let offset = 0;
  return surveyed.map((scenario) => {
    const numbered = { ...scenario, offset };
    offset += scenario.effects.length;
    return numbered;
  });
}

/** Runs trials, one at a time in each copy of the source. */
export async function runTrials(
  run: ChaosRun,
  sources: readonly SimulatedSource[],
  trials: readonly PlannedTrial[],
): Promise<void> {
  run.progress.expect(trials.length);
  await shareAmong(sources, trials, async (simulated, trial) => {
    const { plans, row, label, replay } = trial;
    const { isInjected, differences } = await tryOnce(run, simulated, trial);
    // Of two processes, one may yield before its fault; the two still ran at once.
    const isTried = isInjected || plans.length > 1 || differences.length > 0;
    const isKill = kills(trial) && isInjected;
    if (isTried) run.tally.add(row, { kills: isKill ? 1 : 0, faults: isKill ? 0 : 1, label, replay, differences });
    else run.tally.missed.push(label);
    run.progress.done();
  });
}

// A trial that the kit cannot run proves nothing: it counts as a difference, and the other trials go on.
async function tryOnce(
  run: ChaosRun,
  simulated: SimulatedSource,
  { index, plans, loss }: Pick<PlannedTrial, 'index' | 'plans' | 'loss'>,
): Promise<TrialResult> {
  try {
    const scenario = simulated.scenarios[index]!;
    return await runTrial(simulated, { scenario, plans, loss, ...(run.bug !== undefined && { bug: run.bug }) });
  } catch (error) {
    return {
      ends: [],
      isInjected: false,
      differences: [`the crash kit itself fails: ${describeError(error).message}`],
    };
  }
}

// Each copy takes the next item when it has finished its last one.
async function shareAmong<T, R>(
  sources: readonly SimulatedSource[],
  items: readonly T[],
  work: (simulated: SimulatedSource, item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  await Promise.all(
    sources.map(async (simulated) => {
      for (let index = next++; index < items.length; index = next++) {
        results[index] = await work(simulated, items[index]!, index);
      }
    }),
  );
  return results;
}
