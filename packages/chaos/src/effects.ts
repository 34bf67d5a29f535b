/**
 * The kinds of effects: objects of a store, requests to a bucket, statements, rows that stream in either direction, and
 * the changes that a slot streams.
 */
export type EffectKind = 'put' | 'get' | 'list' | 'request' | 'statement' | 'copy-in' | 'copy-out' | 'peek';

/** One effect of a stage: its kind, its object, and its number among equal ones. */
export interface Effect {
  readonly kind: EffectKind;
  readonly label: string;
  readonly nth: number;
}

/**
 * The faults of each kind of effect. `kill` is SIGKILL before the effect; `kill-after` is SIGKILL after the effect,
 * before the stage learns that it is done; `unseen`: the slot's changes lack those of one table.
 */
export const FAULTS = {
  put: ['kill', 'kill-during', 'kill-after', 'unreachable', 'timed-out', 'lost'],
  get: ['unreachable', 'timed-out', 'truncated'],
  list: ['unreachable', 'timed-out'],
  request: ['slow-down', 'internal-error', 'reset', 'answer-lost', 'truncated'],
  statement: [
    'kill',
    'kill-after',
    'cut',
    'cut-after',
    'disk-full',
    'statement-timeout',
    'lock-timeout',
    'serialization-failure',
    'restart',
  ],
  'copy-in': ['kill', 'kill-after', 'cut', 'copy-failed', 'restart'],
  'copy-out': ['kill', 'cut', 'restart'],
  peek: ['kill', 'cut', 'unseen', 'restart'],
} as const satisfies Record<EffectKind, readonly string[]>;

/** A fault at a point. */
export type Fault = (typeof FAULTS)[EffectKind][number];

/** The effect that fails, and its fault; `point` is the effect's number in the process, from 1. */
export interface Plan {
  readonly point: number;
  readonly effect: Effect;
  readonly fault: Fault;
}

/** Whether effects of a kind can have a fault. */
export function isFaultOf(fault: Fault, kind: EffectKind): boolean {
  return (FAULTS[kind] as readonly Fault[]).includes(fault);
}

/** Whether a fault ends the process. */
export function isKill(fault: Fault): boolean {
  return fault.startsWith('kill');
}

/** Whether the client of a bucket retries after a fault, so that the stage does not see it. */
export function isRetried(fault: Fault): boolean {
  return ['slow-down', 'internal-error', 'reset', 'answer-lost'].includes(fault);
}

/** Numbers the effects of a process in their order, and injects the planned fault. */
export class Effects {
  readonly seen: Effect[] = [];
  readonly #plan: Plan | undefined;
  readonly #counts = new Map<string, number>();
  #isInjected = false;

  constructor(plan: Plan | undefined) {
    this.#plan = plan;
  }

  /** Whether the planned fault has happened. */
  get isInjected(): boolean {
    return this.#isInjected;
  }

  /** Records an effect that is about to happen, and returns its fault; a fault `kill` happens here. */
  record(kind: EffectKind, label: string): Fault | undefined {
    const nth = (this.#counts.get(`${kind} ${label}`) ?? 0) + 1;
    this.#counts.set(`${kind} ${label}`, nth);
    this.seen.push({ kind, label, nth });
    if (this.#plan === undefined) return undefined;
    const { effect, fault } = this.#plan;
    // By name, not by number: statements of several connections race, and on a busy server ingest may write one part
    // more.
    if (effect.kind !== kind || effect.label !== label || effect.nth !== nth) return undefined;
    this.#isInjected = true;
    if (fault === 'kill') die();
    return fault;
  }
}

/** Ends this process as a power failure does: no handler runs, nothing is flushed. */
export function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('The process still runs after SIGKILL.');
}
