import type { HintReason } from '@totesys/source';
import { HINT_MODES } from '../../../src/ingest.ts';

/** What a run is expected to do with its hint: to trust it, or to scan for a reason. */
export type Verdict = 'trusted' | HintReason;

/**
 * Statements of several sessions, and runs of ingest between them. Each line is one of
 * - `NAME: STATEMENT`: a session runs a statement. `owner` is a pool: each statement is a transaction of its own;
 * - `refused: STATEMENT`: the server refuses a statement of the owner;
 * - `tick: VERDICT`, or `tick: VERDICT or VERDICT` if versions of Postgres differ: a run commits a batch;
 * - `quiet tick: VERDICT`: a run finds nothing, and writes nothing;
 * - `failing tick: CODE`: a run fails.
 * After each run the lake equals the source, and no hint that was trusted has missed a change.
 */
export interface Scenario {
  readonly name: string;
  readonly steps: string;
  /** Statements of the owner that make the source again what it was. */
  readonly restore?: readonly string[];
}

/** The modes in which a run uses its hint. */
export const HINTED_MODES = HINT_MODES.filter((mode) => mode !== 'off');
