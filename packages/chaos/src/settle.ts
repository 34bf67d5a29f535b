import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '@totesys/runtime';
import { runStage, STAGES, type Stage, type StageResult, type Surroundings } from './stage-run.ts';

/** Rounds within which a pipeline that has to do something has done it. */
const ROUNDS = 4;
/** What a yielded stage waits for: the session of a dead client; so often, so long. */
const YIELDS = 200;
const YIELD_STEP_MS = 50;

/** Runs all stages until none finds anything to do; says what keeps them from it. */
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
  return `the pipeline finds no end: after ${ROUNDS} rounds there is still something to do`;
}

async function runUnyielding(stage: Stage, surroundings: Surroundings): Promise<StageResult> {
  for (let yields = 0; ; yields++) {
    const result = await runStage(stage, surroundings);
    if (result.outcome !== 'yielded' || yields === YIELDS) return result;
    await delay(YIELD_STEP_MS);
  }
}
