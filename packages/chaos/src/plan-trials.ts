import { type Effect, isKill, type Plan } from './effects.ts';
import { faultsOf, killsOf, pickOfEach, sortOfEffect } from './plans.ts';
import { Random } from './random.ts';
import type { Stage } from './stage-run.ts';

/** A scene by its place among the world's, with its effects; `offset` is the last number of the scene before, as points count on. */
export interface SurveyedScene {
  readonly index: number;
  readonly stage: Stage;
  readonly moment: 'first' | 'next';
  readonly effects: readonly Effect[];
  readonly offset: number;
}

/** One trial before it is run: the scene, a plan for each process, and what a person reads of it. */
export interface PlannedTrial {
  readonly index: number;
  readonly plans: readonly (Plan | undefined)[];
  readonly row: string;
  readonly label: string;
  /** What makes the same trial again. */
  readonly replay: string;
}

/** How much of what is possible one seed tries. */
export type Extent = 'all' | 'share' | 'short';

/** Of a seed's kills one in so many, of each sort of fault too, and of the scenes that two processes share: all have their turn as seeds go by. */
const KILL_SHARE = 20;
const FAULT_SHARE = 6;
const PAIR_SHARE = 6;
/** The name of the row for two processes at once. */
export const PAIRS_ROW = 'two at once';

/** The trials of one scene for a seed. */
export function planTrials(seed: number, scene: SurveyedScene, extent: Extent): PlannedTrial[] {
  const { stage, effects } = scene;
  const kills = killsOf(stage, effects);
  // Where a put is killed makes a difference; before or behind a statement it is one sort.
  const bySort = ({ effect, fault }: Plan) => `${effect.kind === 'put' ? fault : ''} ${sortOfEffect(effect)}`;
  const faults = pickOfEach(faultsOf(stage, effects), ({ fault, effect }) => `${fault} ${effect.kind}`, String(seed));
  switch (extent) {
    case 'all':
      return [...kills, ...faultsOf(stage, effects)]
        .map((plan) => singleTrial(seed, scene, plan))
        .concat(pairTrials(seed, scene));
    case 'share':
      return [...sharesOf(kills, seed, KILL_SHARE), ...sharesOf(faults, seed + scene.index, FAULT_SHARE)]
        .map((plan) => singleTrial(seed, scene, plan))
        .concat(scene.index % PAIR_SHARE === seed % PAIR_SHARE ? pairTrials(seed, scene) : []);
    case 'short':
      return [...pickOfEach(kills, bySort, String(seed)), ...sharesOf(faults, scene.index, FAULT_SHARE)].map((plan) =>
        singleTrial(seed, scene, plan),
      );
  }
}

/** One process and its plan. */
export function singleTrial(seed: number, scene: SurveyedScene, plan: Plan, row: string = scene.stage): PlannedTrial {
  const point = scene.offset + plan.point;
  return {
    index: scene.index,
    plans: [plan],
    row,
    label: `${scene.stage} (${scene.moment}), ${plan.fault} at ${plan.effect.label}`,
    replay: [
      `make chaos SEED=${seed} POINT=${point}`,
      ...(plan.fault === 'kill' ? [] : [`FAULT=${plan.fault}`]),
      ...(plan.effect.kind === 'request' ? ['BUCKET=1'] : []),
    ].join(' '),
  };
}

// Two that start together, and two of which one is killed on its way.
function pairTrials(seed: number, scene: SurveyedScene): PlannedTrial[] {
  const kill = new Random(`${seed} ${scene.index} pair`).oneOf(killsOf(scene.stage, scene.effects));
  const label = `two of ${scene.stage} (${scene.moment})`;
  const common = { index: scene.index, row: PAIRS_ROW, replay: `make chaos SEED=${seed}` };
  return [
    { ...common, plans: [undefined, undefined], label },
    {
      ...common,
      plans: [undefined, kill],
      label: `${label}, one with a ${kill.fault} at ${kill.effect.label}`,
    },
  ];
}

/** Whether a trial kills a process. */
export function kills(trial: PlannedTrial): boolean {
  return trial.plans.some((plan) => plan !== undefined && isKill(plan.fault));
}

function sharesOf<T>(items: readonly T[], seed: number, share: number): T[] {
  return items.filter((_, at) => (at + seed) % share === 0);
}
