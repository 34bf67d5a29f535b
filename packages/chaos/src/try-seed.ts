import { describeError } from '@totesys/runtime';
import type { Cluster } from '@totesys/sandbox';
import { type Extent, kills, type PlannedTrial, planTrials, type SurveyedScene } from './plan-trials.ts';
import type { PlantedBug } from './planted-bugs.ts';
import { Random } from './random.ts';
import { STAGES } from './stage-run.ts';
import type { Tally } from './summary.ts';
import { runTrial, type Trial, type TrialEnd } from './trial.ts';
import { tryWakeUps } from './wake-ups.ts';
import { makeWorld, type World } from './world.ts';

/** What every seed of a run shares. */
export interface ChaosRun {
  readonly cluster: Cluster;
  readonly folder: string;
  readonly tally: Tally;
  readonly extent: Extent;
  readonly bug?: PlantedBug;
  /** Hears of trials to come, and of each that is done. */
  readonly progress: { expect(trials: number): void; done(): void };
}

/** Schedules of events that transform is woken by, for each seed. */
const WAKE_UPS = 3;
const WAKE_UPS_ROW = 'events';

/** Makes the seed's world, in as many copies as run at the same time, surveys it, and tries what the extent says. */
export async function trySeed(run: ChaosRun, seed: number, lanes: number): Promise<void> {
  await withWorlds(run, seed, lanes, async (worlds) => {
    const scenes = await survey(run, worlds);
    for (const stage of STAGES) {
      const counts = scenes.filter((scene) => scene.stage === stage).map(({ effects }) => effects.length);
      run.tally.survey(
        stage,
        counts.reduce((sum, count) => sum + count, 0),
      );
    }
    const trials = scenes.flatMap((scene) => planTrials(seed, scene, run.extent));
    await runTrials(run, worlds, trials);
    for (let schedule = 0; schedule < WAKE_UPS; schedule++) {
      const differences = await tryWakeUps(worlds[0]!, new Random(`${seed} ${schedule}`));
      const label = 'events that are lost, doubled, late and out of order';
      run.tally.add(WAKE_UPS_ROW, { kills: 0, faults: 1, label, replay: `make chaos SEED=${seed}`, differences });
    }
  });
}

let made = 0;

/** Gives copies of a seed's world to some work. */
export async function withWorlds(
  { cluster, folder }: Pick<ChaosRun, 'cluster' | 'folder'>,
  seed: number,
  lanes: number,
  work: (worlds: readonly World[]) => Promise<void>,
): Promise<void> {
  // A seed has a world in its own right, one in a bucket, and one whose server crashes, and all may be there at once.
  const names = Array.from({ length: lanes }, () => String(++made));
  const worlds = await Promise.all(names.map((lane) => makeWorld(seed, { cluster, folder, lane })));
  try {
    await work(worlds);
  } finally {
    await Promise.all(worlds.map((world) => world.close()));
  }
}

/** Runs each scene with nothing befalling it, to number its effects; that must leave no difference either. */
export async function survey(run: ChaosRun, worlds: readonly World[], row?: string): Promise<SurveyedScene[]> {
  const [{ seed, scenes: all }] = worlds as readonly [World];
  const scenes = run.extent === 'short' ? all.filter(({ moment }) => moment === 'next') : all;
  const surveyed = await inTurns(worlds, scenes, async (world, { stages, moment }, index) => {
    const label = `${stages.join(', ')} (${moment}), with nothing befalling it`;
    const { ends, differences } = await tryOnce(run, world, index, [undefined]);
    run.tally.add(row ?? stages[0]!, { kills: 0, faults: 0, label, replay: `make chaos SEED=${seed}`, differences });
    return { index, stage: stages[0]!, moment, effects: ends[0]?.kind === 'done' ? ends[0].effects : [] };
  });
  let offset = 0;
  return surveyed.map((scene) => {
    const numbered = { ...scene, offset };
    offset += scene.effects.length;
    return numbered;
  });
}

/** Runs trials, one at a time in each world. */
export async function runTrials(
  run: ChaosRun,
  worlds: readonly World[],
  trials: readonly PlannedTrial[],
): Promise<void> {
  run.progress.expect(trials.length);
  await inTurns(worlds, trials, async (world, trial) => {
    const { index, plans, row, label, replay } = trial;
    const { isStruck, differences } = await tryOnce(run, world, index, plans);
    // Of two, one may yield before it is killed: two at once they were all the same.
    const isTried = isStruck || plans.length > 1 || differences.length > 0;
    const isKill = kills(trial) && isStruck;
    if (isTried) run.tally.add(row, { kills: isKill ? 1 : 0, faults: isKill ? 0 : 1, label, replay, differences });
    else run.tally.missed.push(label);
    run.progress.done();
  });
}

// A trial that cannot be held is no proof: it counts as a difference, and the others go on.
async function tryOnce(run: ChaosRun, world: World, index: number, plans: Trial['plans']): Promise<TrialEnd> {
  try {
    const scene = world.scenes[index]!;
    return await runTrial(world, { scene, plans, ...(run.bug !== undefined && { bug: run.bug }) });
  } catch (error) {
    return { ends: [], isStruck: false, differences: [`the crash kit itself fails: ${describeError(error).message}`] };
  }
}

// Each world takes the next item once it is done with its last.
async function inTurns<T, R>(
  worlds: readonly World[],
  items: readonly T[],
  work: (world: World, item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  await Promise.all(
    worlds.map(async (world) => {
      for (let index = next++; index < items.length; index = next++) {
        results[index] = await work(world, items[index]!, index);
      }
    }),
  );
  return results;
}
