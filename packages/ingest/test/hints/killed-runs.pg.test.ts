import { connect } from '@totesys/runtime';
import { type Cluster, until } from '@totesys/sandbox';
import { startHintedCluster } from '../../../source/test/hints/hinted-cluster.ts';
import { createHintedIngest, type HintedIngest } from './hinted-ingest.ts';
import { hookPool } from './hooked-pool.ts';
import { findDifferences, LakeState, readSourceRows } from './scenarios/compare-lake.ts';
import { HINTED_MODES } from './scenarios/scenario.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startHintedCluster();
});

afterAll(() => cluster.stop());

/** The effects on which the state of a hint depends: statements about the WAL and the slot, and objects of the lake. */
const EFFECTS = /next_id|reached|pg_publication|totesys_hints|pg_replication_slots|^_manifests|parquet$/;

/**
 * Runs ingest over a pool of its own and a store, until the effect with this number, a statement or an object: before
 * it, the connections are cut and every later effect fails. Returns what the run was about to do; undefined if it ended.
 */
async function runUntil({ source, store, tick }: HintedIngest, effect: number): Promise<string | undefined> {
  const pool = await connect(source.readerUrl, { subject: 'source', connections: 5, applicationName: 'killed' });
  let effects = 0;
  let killedAt: string | undefined;
  const next = (what: string): Promise<never> | undefined => {
    if (killedAt === undefined && (!EFFECTS.test(what) || ++effects < effect)) return undefined;
    killedAt ??= what;
    return pool.end({ timeout: 0 }).then(() => {
      throw new Error('killed');
    });
  };
  const dying = Object.assign(Object.create(store) as typeof store, {
    putIfAbsent: (key: string, body: Uint8Array) => next(key) ?? store.putIfAbsent(key, body),
  });
  const ended = await tick({ source: hookPool(pool, next), store: dying }).then(
    () => true,
    () => false,
  );
  await pool.end({ timeout: 0 });
  // A run that cannot advance the slot has still succeeded.
  return ended && killedAt?.includes('advance') !== true ? undefined : killedAt;
}

describe.each(HINTED_MODES)('with HINTS=%s', (mode) => {
  test('after a run that is killed before any effect that its hint depends on, the next hint lacks nothing', async () => {
    const ingested = await createHintedIngest(cluster, mode);
    await ingested.tick();
    await ingested.arm();
    const lake = new LakeState(ingested.store);
    const kills: string[] = [];
    try {
      for (let effect = 1; effect === kills.length + 1; effect++) {
        await ingested.source.run(
          `update currency set currency_code = 'EUR', last_updated = now() where currency_id = ${1 + (effect % 20)}`,
          `update design set design_id = ${1000 + effect} where design_id = (select max(design_id) from design)`,
        );
        const killedAt = await runUntil(ingested, effect);
        if (killedAt !== undefined) kills.push(killedAt);
        // The server may notice only later that the killed run's sessions are gone.
        const ticked = await until('a run alone', async () => {
          const tried = await ingested.tick();
          return tried.result.outcome !== 'yielded' && tried;
        });
        const { batch } = await ingested.newest();
        const differences = findDifferences(await lake.read(batch), await readSourceRows(ingested.source.sql));
        const { refused = 'trusted', metrics } = ticked;
        expect({ killedAt, refused, missed: metrics.HintsMissed ?? 0, differences }).toEqual({
          killedAt,
          refused: 'trusted',
          missed: 0,
          differences: [],
        });
      }
      const [peek, manifest] = [/"peek"/, /^_manifests/].map((name) => kills.findIndex((kill) => name.test(kill)));
      expect(-1 < peek! && peek! < manifest!).toBe(true);
      expect(kills.at(-1)).toContain('"advance"');
    } finally {
      await ingested.close();
    }
  });
});
