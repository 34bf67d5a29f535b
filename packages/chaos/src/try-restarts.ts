import { startCluster } from '@totesys/sandbox';
import { singleTrial } from './plan-trials.ts';
import { pickOfEach, plansFor } from './plans.ts';
import { type ChaosRun, runTrials, survey, withSources } from './try-seed.ts';

/** The server crashes at one effect of each kind for each group of this many seeds. */
const SEEDS_EACH = 10;
const ROW = 'server crashes';

/** Crashes a server of its own during statements and during COPY in both directions. */
export async function tryRestarts(run: ChaosRun, seeds: readonly number[]): Promise<void> {
  const cluster = await startCluster();
  try {
    await withSources({ cluster, folder: run.folder }, seeds[0]!, 1, async (sources) => {
      const scenarios = (await survey({ ...run, cluster }, sources, ROW)).filter(({ moment }) => moment === 'next');
      const each = Math.ceil(seeds.length / SEEDS_EACH);
      const trials = scenarios.flatMap((scenario) =>
        pickOfEach(plansFor('restart', scenario.effects), ({ effect }) => effect.kind, String(seeds[0]), each).map(
          (plan) => singleTrial(seeds[0]!, scenario, plan, ROW),
        ),
      );
      await runTrials({ ...run, cluster }, sources, trials);
    });
  } finally {
    await cluster.stop();
  }
}
