import { startCluster } from '@totesys/sandbox';
import { singleTrial } from './plan-trials.ts';
import { pickOfEach, plansFor } from './plans.ts';
import { type ChaosRun, runTrials, survey, withWorlds } from './try-seed.ts';

/** For so many seeds one more effect of each kind meets a crash of the server. */
const SEEDS_EACH = 10;
const ROW = 'server crashes';

/** Crashes the server, which is one of its own, in the middle of statements and of COPY in both directions. */
export async function tryRestarts(run: ChaosRun, seeds: readonly number[]): Promise<void> {
  const cluster = await startCluster();
  try {
    await withWorlds({ cluster, folder: run.folder }, seeds[0]!, 1, async (worlds) => {
      const scenes = (await survey({ ...run, cluster }, worlds, ROW)).filter(({ moment }) => moment === 'next');
      const each = Math.ceil(seeds.length / SEEDS_EACH);
      const trials = scenes.flatMap((scene) =>
        pickOfEach(plansFor('restart', scene.effects), ({ effect }) => effect.kind, String(seeds[0]), each).map(
          (plan) => singleTrial(seeds[0]!, scene, plan, ROW),
        ),
      );
      await runTrials({ ...run, cluster }, worlds, trials);
    });
  } finally {
    await cluster.stop();
  }
}
