import { type Ministack, startMinistack } from '@totesys/sandbox';
import type { Plan } from './effects.ts';
import { type SurveyedScenario, singleTrial } from './plan-trials.ts';
import { faultsOf, pickOfEach } from './plans.ts';
import type { Scenario } from './scenario.ts';
import { STAGES } from './stage-run.ts';
import { type ChaosRun, runTrials, survey, withSources } from './try-seed.ts';

const ROW = 'S3';
const BUCKET = 'chaos';
/** Each fault is tried at one request for each group of this many seeds: a run of all stages takes seconds. */
const SEEDS_EACH = 10;

/** Runs all stages in an emulated bucket with faults at some requests; returns the reason if there is no emulator. */
export async function tryBuckets(
  run: ChaosRun,
  seeds: readonly number[],
  wanted?: Omit<Plan, 'effect'>,
): Promise<string[]> {
  const ministack = await startMinistack();
  if ('missing' in ministack) return [`S3: ${ministack.missing}`];
  const before = { ...process.env };
  try {
    // For the processes of stages, which inherit it, and for the checks of their lakes.
    Object.assign(process.env, ministack.env);
    await createBucket(ministack);
    await withSources(run, { seed: seeds[0]!, mode: 'off' }, 1, async ([simulated]) => {
      const scenario: Scenario = { stages: STAGES, moment: 'first', bucket: BUCKET };
      const inBucket = { ...simulated!, scenarios: [scenario] };
      const [surveyed] = (await survey(run, [inBucket], ROW)) as [SurveyedScenario];
      run.tally.survey(ROW, surveyed.effects.filter(({ kind }) => kind === 'request').length);
      const each = Math.ceil(seeds.length / SEEDS_EACH);
      const faults = requestFaults(surveyed);
      const plans = wanted
        ? faults.filter(({ point, fault }) => point === wanted.point && fault === wanted.fault)
        : pickOfEach(faults, ({ fault }) => fault, String(seeds[0]), each);
      const trials = plans.map((plan) => singleTrial(surveyed, plan, ROW));
      await runTrials(run, [inBucket], trials);
    });
    return [];
  } finally {
    process.env = before;
    await ministack.stop();
  }
}

async function createBucket({ endpoint, env }: Ministack): Promise<void> {
  const place = `<LocationConstraint>${env.AWS_REGION}</LocationConstraint>`;
  const body = `<CreateBucketConfiguration>${place}</CreateBucketConfiguration>`;
  const answer = await fetch(`${endpoint}/${BUCKET}`, { method: 'PUT', body });
  if (!answer.ok) throw new Error(`The emulator cannot create a bucket: expected 200, got ${answer.status}.`);
}

// The answer to a put is a status only, so it cannot be truncated.
function requestFaults({ effects }: SurveyedScenario): Plan[] {
  return faultsOf('ingest', effects).filter(
    ({ effect, fault }) => effect.kind === 'request' && (fault !== 'truncated' || effect.label.startsWith('GET')),
  );
}
