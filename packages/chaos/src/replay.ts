import { UsageError } from '@totesys/cli';
import { FAULTS, type Fault, isFaultOf } from './effects.ts';
import { type SurveyedScenario, singleTrial } from './plan-trials.ts';
import type { SourceChoice } from './source-choice.ts';
import { type ChaosRun, runTrials, survey, withSources } from './try-seed.ts';

/** Tries one point of a source again: the one with this number, or the first whose name begins with this text. */
export async function replay(
  run: ChaosRun,
  choice: SourceChoice,
  wanted: number | string,
  fault: Fault,
): Promise<void> {
  await withSources(run, choice, 1, async (sources) => {
    const scenarios = await survey(run, sources);
    const point = typeof wanted === 'number' ? wanted : findPoint(scenarios, wanted);
    const scenario = scenarios.find(({ offset, effects }) => point > offset && point <= offset + effects.length);
    if (!scenario) {
      const last = scenarios.reduce((sum, { effects }) => sum + effects.length, 0);
      throw new UsageError(`Seed ${choice.seed} has no point ${point}: expected one from 1 to ${last}.`);
    }
    const effect = scenario.effects[point - scenario.offset - 1]!;
    if (!isFaultOf(fault, effect.kind)) {
      const possible = FAULTS[effect.kind].join(', ');
      throw new UsageError(`Point ${point} is '${effect.label}': expected a fault of ${possible}, got '${fault}'.`);
    }
    await runTrials(run, sources, [singleTrial(scenario, { point: point - scenario.offset, effect, fault })]);
  });
}

function findPoint(scenarios: readonly SurveyedScenario[], label: string): number {
  for (const { effects, offset } of scenarios) {
    const at = effects.findIndex((effect) => effect.label.startsWith(label));
    if (at >= 0) return offset + at + 1;
  }
  throw new UsageError(`No point is called '${label}'.`);
}
