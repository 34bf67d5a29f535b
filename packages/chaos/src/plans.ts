import { MANIFEST_PREFIX } from '@totesys/lake';
import { HINT_OBJECTS } from '@totesys/source';
import { type Effect, FAULTS, type Fault, isFaultOf, isKill, type Plan } from './effects.ts';
import { Random } from './random.ts';
import type { Stage } from './stage-run.ts';

/** Faults that crash the server: their trials need a server of their own. */
const OWN_SERVER: readonly Fault[] = ['restart'];
/** Faults after an effect; after a read they are equal to those before it. */
const AFTER_WRITES: readonly Fault[] = ['kill-after', 'cut-after'];
const READS = /^(select|set|begin|lock|savepoint|release)\b/;

/** The only statement of ingest that changes the source. */
const ADVANCE = `"${HINT_OBJECTS.schema}"."${HINT_OBJECTS.advance}"`;
/** Parts of the statements that only runs with hints send. */
const OF_HINTS = [
  `"${HINT_OBJECTS.schema}"`,
  'pg_current_wal_insert_lsn',
  'pg_current_wal_flush_lsn',
  'is_root',
  'puballtables',
  's.plugin',
  'pg_relation_size',
  "set_config('…', $1, true)",
];

/** Returns every kill of a scenario: before each effect, and during and after each that writes. */
export function killsOf(stage: Stage, effects: readonly Effect[]): Plan[] {
  return plansOf(stage, effects).filter(({ fault }) => isKill(fault));
}

/** Returns every fault of a scenario that is not a kill. */
export function faultsOf(stage: Stage, effects: readonly Effect[]): Plan[] {
  return plansOf(stage, effects).filter(({ fault }) => !isKill(fault));
}

/** Returns `each` plans of each sort; the same seed returns the same ones. */
export function pickOfEach(plans: readonly Plan[], sortOf: (plan: Plan) => string, seed: string, each = 1): Plan[] {
  const sorts = new Map<string, Plan[]>();
  for (const plan of plans) sorts.set(sortOf(plan), [...(sorts.get(sortOf(plan)) ?? []), plan]);
  return [...sorts].flatMap(([sort, group]) => new Random(`${seed} ${sort}`).shuffled(group).slice(0, each));
}

/** Returns all plans with one fault. */
export function plansFor(fault: Fault, effects: readonly Effect[]): Plan[] {
  return effects.flatMap((effect, at) => (isFaultOf(fault, effect.kind) ? [{ point: at + 1, effect, fault }] : []));
}

/** Returns the sort of an effect, which is the same for all tables. */
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
  return kind === 'put' || label.includes(ADVANCE) || (stage === 'load' && !READS.test(label));
}

/** Whether a hint depends on an effect: it reads or advances the slot, or commits the batch that has its position. */
export function isOfHints({ kind, label }: Effect): boolean {
  return kind === 'put' ? label.includes(MANIFEST_PREFIX) : OF_HINTS.some((part) => label.includes(part));
}

/** Whether an effect of hints reads or advances the slot, or commits the batch that has its position. */
export function isOfSlot({ kind, label }: Effect): boolean {
  return kind === 'put' || label.includes(`"${HINT_OBJECTS.schema}"`);
}

/** Whether an effect commits a batch, or advances the slot. */
export function releasesWal(effect: Effect): boolean {
  return isOfHints(effect) && (effect.kind === 'put' || effect.label.includes(ADVANCE));
}
