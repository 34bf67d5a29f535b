import type { Cluster } from '@totesys/sandbox';
import { startHintedCluster } from '../../../source/test/hints/hinted-cluster.ts';
import { createHintedIngest } from './hinted-ingest.ts';
import { PARTITIONED, PARTITIONS } from './scenarios/partitions.ts';
import { ScenarioPlayer } from './scenarios/play-scenario.ts';
import { PUBLICATIONS } from './scenarios/publications.ts';
import { HINTED_MODES, type Scenario } from './scenarios/scenario.ts';
import { SLOTS } from './scenarios/slots.ts';
import { TABLES } from './scenarios/tables.ts';
import { TRANSACTIONS } from './scenarios/transactions.ts';
import { TRUNCATES } from './scenarios/truncates.ts';
import { WRITES } from './scenarios/writes.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startHintedCluster();
});

afterAll(() => cluster.stop());

const GROUPS: readonly [string, readonly Scenario[], (readonly string[])?][] = [
  ['writes', WRITES],
  ['transactions', TRANSACTIONS],
  ['truncates', TRUNCATES],
  ['publications', PUBLICATIONS],
  ['tables', TABLES],
  ['partitions', PARTITIONS, PARTITIONED],
  ['slots', SLOTS],
];

describe.each(HINTED_MODES)(
  'with HINTS=%s the lake equals the source, and no trusted hint misses a change:',
  (mode) => {
    describe.each(GROUPS)('%s,', (_group, scenarios, prepare) => {
      let player: ScenarioPlayer | undefined;

      afterAll(() => player?.close());

      test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', async (_name, scenario) => {
        player ??= new ScenarioPlayer(await createHintedIngest(cluster, mode, prepare));
        const used = player;
        player = undefined;
        try {
          await used.play(scenario);
        } catch (error) {
          // What failed may have left anything behind.
          await used.close();
          throw error;
        }
        player = used;
      });
    });
  },
);
