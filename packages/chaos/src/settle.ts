import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '@totesys/runtime';
import { runStage, STAGES, type Stage, type StageResult, type Surroundings } from './stage-run.ts';

/** The rounds within which the pipeline must have nothing left to do. */
const ROUNDS = 4;
/** Attempts of a stage that yields because the session of a killed process has not ended yet. */
const YIELDS = 200;
const YIELD_STEP_MS = 50;

/** Runs all stages until none has anything to do; returns the reason if they cannot. */
export async function settle(surroundings: Surroundings): Promise<string | undefined> {
  for (let round = 1; round <= ROUNDS; round++) {
    const outcomes: string[] = [];
    for (const stage of STAGES) {
      try {
        outcomes.push((await runUnyielding(stage, surroundings)).outcome);
      } catch (error) {
        const { code, message } = describeError(error);
        return `the next ${stage} fails: ${code ?? ''} ${message}`;
      }
    }
    if (outcomes.every((outcome) => outcome === 'unchanged')) return undefined;
  }
  return `the pipeline does not end: after ${ROUNDS} rounds it still has something to do`;
}

/** Runs all stages once with an audit due; returns the reason if they cannot. */
export async function auditOnce(surroundings: Surroundings): Promise<string | undefined> {
  try {
    const hints = { ...surroundings.hints, auditMs: 0 };
    for (const stage of STAGES) await runUnyielding(stage, { ...surroundings, hints });
    return undefined;
  } catch (error) {
    const { code, message } = describeError(error);
    return `the audit fails: ${code ?? ''} ${message}`;
  }
}

async function runUnyielding(stage: Stage, surroundings: Surroundings): Promise<StageResult> {
  for (let yields = 0; ; yields++) {
    const result = await runStage(stage, surroundings);
    if (result.outcome !== 'yielded' || yields === YIELDS) return result;
    await delay(YIELD_STEP_MS);
  }
}
