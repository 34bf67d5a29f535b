/** How a stage reaches the simulated outside: objects of a store, requests to a bucket, statements, and rows that stream either way. */
export type EffectKind = 'put' | 'get' | 'list' | 'request' | 'statement' | 'copy-in' | 'copy-out';

/** One effect of a stage: what it was, upon what, and which of its like. */
export interface Effect {
  readonly kind: EffectKind;
  readonly label: string;
  readonly nth: number;
}

/** What may befall an effect of each kind. `kill` is SIGKILL before it, `kill-after` when it is done and nobody knows yet. */
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
} as const satisfies Record<EffectKind, readonly string[]>;

/** What befalls an effect. */
export type Fault = (typeof FAULTS)[EffectKind][number];

/** Which effect is struck, and by what; `point` is its number among all of the process, from 1. */
export interface Plan {
  readonly point: number;
  readonly effect: Effect;
  readonly fault: Fault;
}

/** Whether a fault can befall effects of a kind. */
export function isFaultOf(fault: Fault, kind: EffectKind): boolean {
  return (FAULTS[kind] as readonly Fault[]).includes(fault);
}

/** Whether a fault ends the process. */
export function isKill(fault: Fault): boolean {
  return fault.startsWith('kill');
}

/** Whether a fault is one that the client of a bucket bears by trying again: the stage never hears of it. */
export function isRetried(fault: Fault): boolean {
  return ['slow-down', 'internal-error', 'reset', 'answer-lost'].includes(fault);
}

/** Numbers the effects of a process as they come, and says whose turn it is to be struck. */
export class Effects {
  readonly seen: Effect[] = [];
  readonly #plan: Plan | undefined;
  readonly #counts = new Map<string, number>();
  #isInjected = false;

  constructor(plan: Plan | undefined) {
    this.#plan = plan;
  }

  /** Whether what was planned has happened. */
  get isInjected(): boolean {
    return this.#isInjected;
  }

  /** Counts an effect that is about to happen; gives what befalls it. A plain kill happens here. */
  record(kind: EffectKind, label: string): Fault | undefined {
    const nth = (this.#counts.get(`${kind} ${label}`) ?? 0) + 1;
    this.#counts.set(`${kind} ${label}`, nth);
    this.seen.push({ kind, label, nth });
    if (this.#plan === undefined) return undefined;
    const { effect, fault } = this.#plan;
    // By name and not by number: statements of several connections race, and a busy cluster makes ingest write a part more.
    if (effect.kind !== kind || effect.label !== label || effect.nth !== nth) return undefined;
    this.#isInjected = true;
    if (fault === 'kill') die();
    return fault;
  }
}

/** Ends this process as a machine does that loses its power: no handler runs, nothing is flushed. */
export function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('SIGKILL came back.');
}
