import { startCluster } from '@totesys/sandbox';
import { singleTrial } from './plan-trials.ts';
import { pickOfEach, plansFor } from './plans.ts';
import { rowOf, type SourceChoice } from './source-choice.ts';
import { type ChaosRun, runTrials, survey, withSources } from './try-seed.ts';

/** The server crashes at one effect of each kind for each group of this many seeds. */
const SEEDS_EACH = 10;
const ROW = 'server crashes';

/**
 * Crashes a server of its own during statements and during COPY in both directions; the number of trials depends on
 * that of all seeds.
 */
export async function tryRestarts(run: ChaosRun, choice: SourceChoice, seeds: number): Promise<void> {
  const cluster = await startCluster();
  try {
    await withSources({ cluster, folder: run.folder }, choice, 1, async (sources) => {
      const row = rowOf(choice, ROW);
      const scenarios = (await survey({ ...run, cluster }, sources, row)).filter(({ moment }) => moment === 'next');
      const each = Math.ceil(seeds / SEEDS_EACH);
      const trials = scenarios.flatMap((scenario) =>
        pickOfEach(plansFor('restart', scenario.effects), ({ effect }) => effect.kind, String(choice.seed), each).map(
          (plan) => singleTrial(scenario, plan, row),
        ),
      );
      await runTrials({ ...run, cluster }, sources, trials);
    });
  } finally {
    await cluster.stop();
  }
}
