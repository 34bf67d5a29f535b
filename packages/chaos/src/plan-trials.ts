import { type Effect, isKill, type Plan } from './effects.ts';
import { faultsOf, isOfHints, isOfSlot, killsOf, pickOfEach, releasesWal, sortOfEffect } from './plans.ts';
import { Random } from './random.ts';
import { type SlotLoss, slotLossOf } from './slot-loss.ts';
import { replayOf, rowOf, type SourceChoice } from './source-choice.ts';
import type { Stage } from './stage-run.ts';

/** A scenario, by its index, with its effects; its points are numbered from `offset` + 1. */
export interface SurveyedScenario {
  readonly choice: SourceChoice;
  readonly index: number;
  readonly stage: Stage;
  readonly moment: 'first' | 'next' | 'quiet';
  readonly effects: readonly Effect[];
  readonly offset: number;
}

/** One trial before it runs: the scenario, a plan for each process, and its texts for the summary. */
export interface PlannedTrial {
  readonly index: number;
  readonly plans: readonly (Plan | undefined)[];
  readonly loss: SlotLoss;
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
/** The share of the other statements of hints that a short run tries. */
const STATEMENT_SHARE = 2;
/** The name of the row for two processes at once. */
export const PAIRS_ROW = 'two at once';

/** Returns the trials of one scenario. */
export function planTrials(scenario: SurveyedScenario, extent: Extent): PlannedTrial[] {
  const single = (plan: Plan) => singleTrial(scenario, plan);
  switch (extent) {
    case 'all':
      return [...killsIn(scenario), ...faultsIn(scenario)].map(single).concat(pairTrials(scenario));
    case 'share':
      return planShare(scenario)
        .map(single)
        .concat(isPairSeed(scenario) ? pairTrials(scenario) : []);
    case 'short':
      return (scenario.choice.mode === 'off' ? planShort(scenario) : planShortHints(scenario)).map(single);
  }
}

function planShare(scenario: SurveyedScenario): Plan[] {
  const { seed } = scenario.choice;
  const [faults, unseen] = splitUnseen(faultSorts(scenario));
  return [
    ...sharesOf(killsIn(scenario), seed, KILL_SHARE),
    ...sharesOf(faults, seed + scenario.index, FAULT_SHARE),
    ...unseen,
  ];
}

function planShort(scenario: SurveyedScenario): Plan[] {
  // Kills before, during and after a put are three sorts; kills before and after a statement are one sort.
  const bySort = ({ effect, fault }: Plan) => `${effect.kind === 'put' ? fault : ''} ${sortOfEffect(effect)}`;
  return [
    ...pickOfEach(killsIn(scenario), bySort, String(scenario.choice.seed)),
    ...sharesOf(faultSorts(scenario), scenario.index, FAULT_SHARE),
  ];
}

// Only what a run without hints does not do: what reads or advances the slot, a share of the other statements, and the
// batch with the slot's position.
function planShortHints(scenario: SurveyedScenario): Plan[] {
  const { choice, moment } = scenario;
  const kills = killsIn(scenario).filter(({ effect }) => isOfHints(effect));
  if (moment === 'quiet') {
    const releases = kills.filter(({ effect }) => releasesWal(effect));
    return pickOfEach(releases, ({ effect }) => effect.kind, String(choice.seed));
  }
  const byName = ({ effect, fault }: Plan) => `${effect.kind === 'put' ? fault : ''} ${effect.kind} ${effect.label}`;
  const named = pickOfEach(
    kills.filter(({ fault }) => fault !== 'kill-during'),
    byName,
    String(choice.seed),
  );
  const [faults, unseen] = splitUnseen(faultSorts(scenario).filter(({ effect }) => isOfHints(effect)));
  return [
    ...named.filter(({ effect }) => isOfSlot(effect)),
    ...sharesOf(
      named.filter(({ effect }) => !isOfSlot(effect)),
      choice.seed,
      STATEMENT_SHARE,
    ),
    ...sharesOf(faults, scenario.index, FAULT_SHARE),
    ...unseen,
  ];
}

// Hidden changes are tried with each seed: nothing else shows that audits find what hints lack.
function splitUnseen(faults: readonly Plan[]): [Plan[], Plan[]] {
  return [faults.filter(({ fault }) => fault !== 'unseen'), faults.filter(({ fault }) => fault === 'unseen')];
}

function killsIn({ stage, effects }: SurveyedScenario): Plan[] {
  return killsOf(stage, effects);
}

// The first run does not trust its hint, so nothing can be hidden from it.
function faultsIn({ stage, effects, moment }: SurveyedScenario): Plan[] {
  return faultsOf(stage, effects).filter(({ fault }) => fault !== 'unseen' || moment === 'next');
}

function faultSorts(scenario: SurveyedScenario): Plan[] {
  const bySort = ({ fault, effect }: Plan) => `${fault} ${effect.kind}`;
  return pickOfEach(faultsIn(scenario), bySort, String(scenario.choice.seed));
}

function isPairSeed({ index, choice }: SurveyedScenario): boolean {
  return index % PAIR_SHARE === choice.seed % PAIR_SHARE;
}

/** Returns a trial of one process. */
export function singleTrial(
  scenario: SurveyedScenario,
  plan: Plan,
  row: string = rowOf(scenario.choice, scenario.stage),
): PlannedTrial {
  const { choice, index, stage, moment, offset } = scenario;
  const loss = slotLossOf(choice, plan);
  const replay = replayOf(choice, { point: offset + plan.point, fault: plan.fault });
  return {
    index,
    plans: [plan],
    loss,
    row,
    label: `${stage} (${moment}), ${plan.fault} at ${plan.effect.label}${loss === 'kept' ? '' : `, slot ${loss}`}`,
    replay: plan.effect.kind === 'request' ? `${replay} BUCKET=1` : replay,
  };
}

// Two processes that start together, and two of which one is killed.
function pairTrials(scenario: SurveyedScenario): PlannedTrial[] {
  const { choice, index, stage, effects, moment } = scenario;
  const kill = new Random(`${choice.seed} ${index} pair`).oneOf(killsOf(stage, effects));
  const label = `two of ${stage} (${moment})`;
  const common = { index, loss: 'kept', row: rowOf(choice, PAIRS_ROW), replay: replayOf(choice) } as const;
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
