import { type Effect, isKill, type Plan } from './effects.ts';
import { faultsOf, killsOf, pickOfEach, sortOfEffect } from './plans.ts';
import { Random } from './random.ts';
import type { Stage } from './stage-run.ts';

/** A scenario, by its index, with its effects; its points are numbered from `offset` + 1. */
export interface SurveyedScenario {
  readonly index: number;
  readonly stage: Stage;
  readonly moment: 'first' | 'next';
  readonly effects: readonly Effect[];
  readonly offset: number;
}

/** One trial before it runs: the scenario, a plan for each process, and its texts for the summary. */
export interface PlannedTrial {
  readonly index: number;
  readonly plans: readonly (Plan | undefined)[];
  readonly row: string;
  readonly label: string;
  /** The command that runs the same trial again. */
  readonly replay: string;
}

/** The share of the possible trials that one seed runs. */
export type Extent = 'all' | 'share' | 'short';

/**
 * The shares of its kills, of its faults and of its scenarios with two processes that a seed runs: one in this many.
 * Many seeds together run all.
 */
const KILL_SHARE = 20;
const FAULT_SHARE = 6;
const PAIR_SHARE = 6;
/** The name of the row for two processes at once. */
export const PAIRS_ROW = 'two at once';

/** Returns the trials of one scenario for a seed. */
export function planTrials(seed: number, scenario: SurveyedScenario, extent: Extent): PlannedTrial[] {
  const { stage, effects } = scenario;
  const kills = killsOf(stage, effects);
  // Kills before, during and after a put are three sorts; kills before and after a statement are one sort.
  const bySort = ({ effect, fault }: Plan) => `${effect.kind === 'put' ? fault : ''} ${sortOfEffect(effect)}`;
  const faults = pickOfEach(faultsOf(stage, effects), ({ fault, effect }) => `${fault} ${effect.kind}`, String(seed));
  switch (extent) {
    case 'all':
      return [...kills, ...faultsOf(stage, effects)]
        .map((plan) => singleTrial(seed, scenario, plan))
        .concat(pairTrials(seed, scenario));
    case 'share':
      return [...sharesOf(kills, seed, KILL_SHARE), ...sharesOf(faults, seed + scenario.index, FAULT_SHARE)]
        .map((plan) => singleTrial(seed, scenario, plan))
        .concat(scenario.index % PAIR_SHARE === seed % PAIR_SHARE ? pairTrials(seed, scenario) : []);
    case 'short':
      return [...pickOfEach(kills, bySort, String(seed)), ...sharesOf(faults, scenario.index, FAULT_SHARE)].map(
        (plan) => singleTrial(seed, scenario, plan),
      );
  }
}

/** Returns a trial of one process. */
export function singleTrial(
  seed: number,
  scenario: SurveyedScenario,
  plan: Plan,
  row: string = scenario.stage,
): PlannedTrial {
  const point = scenario.offset + plan.point;
  return {
    index: scenario.index,
    plans: [plan],
    row,
    label: `${scenario.stage} (${scenario.moment}), ${plan.fault} at ${plan.effect.label}`,
    replay: [
      `make chaos SEED=${seed} POINT=${point}`,
      ...(plan.fault === 'kill' ? [] : [`FAULT=${plan.fault}`]),
      ...(plan.effect.kind === 'request' ? ['BUCKET=1'] : []),
    ].join(' '),
  };
}

// Two processes that start together, and two of which one is killed.
function pairTrials(seed: number, scenario: SurveyedScenario): PlannedTrial[] {
  const kill = new Random(`${seed} ${scenario.index} pair`).oneOf(killsOf(scenario.stage, scenario.effects));
  const label = `two of ${scenario.stage} (${scenario.moment})`;
  const common = { index: scenario.index, row: PAIRS_ROW, replay: `make chaos SEED=${seed}` };
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
