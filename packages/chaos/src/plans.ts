import { MANIFEST_PREFIX } from '@totesys/lake';
import { type Effect, FAULTS, type Fault, isFaultOf, isKill, type Plan } from './effects.ts';
import { Random } from './random.ts';
import type { Stage } from './stage-run.ts';

/** A fault that takes the server from everybody has a server of its own. */
const OWN_SERVER: readonly Fault[] = ['restart'];
/** What only reads leaves the same behind it as before it. */
const AFTER_WRITES: readonly Fault[] = ['kill-after', 'cut-after'];
const READS = /^(select|set|begin|lock|savepoint|release)\b/;

/** Every kill of a scenario: before each effect, and in the middle of and right behind each that writes. */
export function killsOf(stage: Stage, effects: readonly Effect[]): Plan[] {
  return plansOf(stage, effects).filter(({ fault }) => isKill(fault));
}

/** Every fault of a scenario that is no kill. */
export function faultsOf(stage: Stage, effects: readonly Effect[]): Plan[] {
  return plansOf(stage, effects).filter(({ fault }) => !isKill(fault));
}

/** Of each sort of plan `each`, as the seed has it: the same seed, the same ones. */
export function pickOfEach(plans: readonly Plan[], sortOf: (plan: Plan) => string, seed: string, each = 1): Plan[] {
  const sorts = new Map<string, Plan[]>();
  for (const plan of plans) sorts.set(sortOf(plan), [...(sorts.get(sortOf(plan)) ?? []), plan]);
  return [...sorts].flatMap(([sort, group]) => new Random(`${seed} ${sort}`).shuffled(group).slice(0, each));
}

/** All plans for one fault. */
export function plansFor(fault: Fault, effects: readonly Effect[]): Plan[] {
  return effects.flatMap((effect, at) => (isFaultOf(fault, effect.kind) ? [{ point: at + 1, effect, fault }] : []));
}

/** What an effect does, whichever table it does it to. */
export function sortOfEffect({ kind, label }: Effect): string {
  if (kind === 'put') return label.includes(MANIFEST_PREFIX) ? 'put manifest' : 'put part';
  return `${kind} ${label.split(' ')[0]}`;
}

function plansOf(stage: Stage, effects: readonly Effect[]): Plan[] {
  return effects.flatMap((effect, at) =>
    (FAULTS[effect.kind] as readonly Fault[])
      .filter((fault) => !OWN_SERVER.includes(fault) && (!AFTER_WRITES.includes(fault) || writes(stage, effect)))
      .map((fault) => ({ point: at + 1, effect, fault })),
  );
}

function writes(stage: Stage, { kind, label }: Effect): boolean {
  return kind === 'put' || (stage === 'load' && !READS.test(label));
}
