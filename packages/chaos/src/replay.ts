import { UsageError } from '@totesys/cli';
import { canBefall, FAULTS, type Fault } from './effects.ts';
import { type SurveyedScene, singleTrial } from './plan-trials.ts';
import { type ChaosRun, runTrials, survey, withWorlds } from './try-seed.ts';

/** Tries one point of a seed again: the one of that number, or the first whose name begins so. */
export async function replay(run: ChaosRun, seed: number, wanted: number | string, fault: Fault): Promise<void> {
  await withWorlds(run, seed, 1, async (worlds) => {
    const scenes = await survey(run, worlds);
    const point = typeof wanted === 'number' ? wanted : findPoint(scenes, wanted);
    const scene = scenes.find(({ offset, effects }) => point > offset && point <= offset + effects.length);
    if (!scene) {
      const last = scenes.reduce((sum, { effects }) => sum + effects.length, 0);
      throw new UsageError(`Seed ${seed} has no point ${point}: expected one from 1 to ${last}.`);
    }
    const effect = scene.effects[point - scene.offset - 1]!;
    if (!canBefall(fault, effect.kind)) {
      const possible = FAULTS[effect.kind].join(', ');
      throw new UsageError(`Point ${point} is '${effect.label}': expected a fault of ${possible}, got '${fault}'.`);
    }
    await runTrials(run, worlds, [singleTrial(seed, scene, { point: point - scene.offset, effect, fault })]);
  });
}

function findPoint(scenes: readonly SurveyedScene[], label: string): number {
  for (const { effects, offset } of scenes) {
    const at = effects.findIndex((effect) => effect.label.startsWith(label));
    if (at >= 0) return offset + at + 1;
  }
  throw new UsageError(`No point is called '${label}'.`);
}
