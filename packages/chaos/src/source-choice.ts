import { HINT_AUDIT_LIMITS, type HintMode } from '@totesys/ingest';
import type { Fault } from './effects.ts';

/** Which simulated source: its seed, and how the runs of ingest use change hints. */
export interface SourceChoice {
  readonly seed: number;
  readonly mode: HintMode;
  /** Whether nothing changes while a run of the stage is tried, and its slot keeps WAL that only a batch releases. */
  readonly isQuiet?: boolean;
}

/** Every this many seeds, runs compare the hint with a scan, which decides. */
const SHADOW_SEEDS = 7;
/** Every this many seeds, an audit is due in each run that may be killed. */
const AUDIT_SEEDS = 3;
/** The time until an audit is due that no run of the kit reaches: milliseconds. */
export const NO_AUDIT_MS = HINT_AUDIT_LIMITS.most * 60_000;

/** Returns how the runs of a seed's source with change hints use them. */
export function hintModeOf(seed: number): Exclude<HintMode, 'off'> {
  return seed % SHADOW_SEEDS === 0 ? 'shadow' : 'slot';
}

/** Returns the time until an audit is due in the runs that may be killed: milliseconds. */
export function auditMsOf(seed: number): number {
  return seed % AUDIT_SEEDS === 0 ? 0 : NO_AUDIT_MS;
}

/** Returns the name of a row of the summary for a source: points with hints count apart. */
export function rowOf({ mode, isQuiet }: SourceChoice, what: string): string {
  if (mode === 'off') return what;
  return isQuiet ? `${what}${HINTS}, no change` : `${what}${HINTS}`;
}

/** Whether a row of the summary is of a source with change hints. */
export function isHintsRow(row: string): boolean {
  return row.includes(HINTS);
}

const HINTS = ', hints';

/** Returns the command that tries a source again, or one of its points with a fault. */
export function replayOf({ seed, mode, isQuiet = false }: SourceChoice, at?: { point: number; fault: Fault }): string {
  return [
    `make chaos SEED=${seed}`,
    ...(mode === 'off' ? [] : [`HINTS=${mode}`]),
    ...(isQuiet ? ['QUIET=1'] : []),
    ...(at === undefined ? [] : [`POINT=${at.point}`]),
    ...(at === undefined || at.fault === 'kill' ? [] : [`FAULT=${at.fault}`]),
  ].join(' ');
}
