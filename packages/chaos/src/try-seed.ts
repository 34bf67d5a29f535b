import { describeError } from '@totesys/runtime';
import type { Cluster } from '@totesys/sandbox';
import { type Extent, kills, type PlannedTrial, planTrials, type SurveyedScenario } from './plan-trials.ts';
import type { PlantedBug } from './planted-bugs.ts';
import { Random } from './random.ts';
import { type SimulatedSource, simulateSource } from './simulated-source.ts';
import { STAGES } from './stage-run.ts';
import type { Tally } from './summary.ts';
import { runTrial, type Trial, type TrialResult } from './trial.ts';
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

/** Simulates the seed's source in the given number of copies, numbers its points, and runs the trials of the extent. */
export async function trySeed(run: ChaosRun, seed: number, copies: number): Promise<void> {
  await withSources(run, seed, copies, async (sources) => {
    const scenarios = await survey(run, sources);
    for (const stage of STAGES) {
      const counts = scenarios.filter((scenario) => scenario.stage === stage).map(({ effects }) => effects.length);
      run.tally.survey(
        stage,
        counts.reduce((sum, count) => sum + count, 0),
      );
    }
    const trials = scenarios.flatMap((scenario) => planTrials(seed, scenario, run.extent));
    await runTrials(run, sources, trials);
    for (let schedule = 0; schedule < WAKE_UPS; schedule++) {
      const differences = await tryWakeUps(sources[0]!, new Random(`${seed} ${schedule}`));
      const label = 'events that are lost, doubled, late and out of order';
      run.tally.add(WAKE_UPS_ROW, { kills: 0, faults: 1, label, replay: `make chaos SEED=${seed}`, differences });
    }
  });
}

let made = 0;

/** Runs work with copies of a seed's simulated source, and closes them after it. */
export async function withSources(
  { cluster, folder }: Pick<ChaosRun, 'cluster' | 'folder'>,
  seed: number,
  copies: number,
  work: (sources: readonly SimulatedSource[]) => Promise<void>,
): Promise<void> {
  // One seed may have several sources at once: its own, one in a bucket, and one whose server crashes.
  const names = Array.from({ length: copies }, () => String(++made));
  const sources = await Promise.all(names.map((copy) => simulateSource(seed, { cluster, folder, copy })));
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
  const [{ seed, scenarios: all }] = sources as readonly [SimulatedSource];
  const scenarios = run.extent === 'short' ? all.filter(({ moment }) => moment === 'next') : all;
  const surveyed = await shareAmong(sources, scenarios, async (simulated, { stages, moment }, index) => {
    const label = `${stages.join(', ')} (${moment}), without a fault`;
    const { ends, differences } = await tryOnce(run, simulated, index, [undefined]);
    run.tally.add(row ?? stages[0]!, { kills: 0, faults: 0, label, replay: `make chaos SEED=${seed}`, differences });
    return { index, stage: stages[0]!, moment, effects: ends[0]?.kind === 'done' ? ends[0].effects : [] };
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
    const { index, plans, row, label, replay } = trial;
    const { isInjected, differences } = await tryOnce(run, simulated, index, plans);
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
  index: number,
  plans: Trial['plans'],
): Promise<TrialResult> {
  try {
    const scenario = simulated.scenarios[index]!;
    return await runTrial(simulated, { scenario, plans, ...(run.bug !== undefined && { bug: run.bug }) });
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
