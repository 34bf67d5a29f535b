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

/** Effects of a run on which its hint depends, each with its number among equal ones. */
const EFFECTS: readonly [string, RegExp, number][] = [
  ['the position is read', /as next_id/, 1],
  ['the publication is read', /from pg_publication p/, 1],
  ['the wait for the flush', /pg_current_wal_flush_lsn/, 1],
  ['the slot is looked at', /from pg_replication_slots/, 1],
  ['the slot is read', /"peek"/, 1],
  ['the slot is looked at again', /from pg_replication_slots/, 2],
  ['rows are written', /parquet$/, 1],
  ['the last part is written', /parquet$/, 3],
  ['the manifest is written', /^_manifests/, 1],
  ['the slot is advanced', /"advance"/, 1],
];

/**
 * Runs ingest over a pool of its own until an effect, a statement or an object: before it the connections are cut, and
 * every later effect fails. Returns whether the effect was reached.
 */
async function runUntil({ source, store, tick }: HintedIngest, effect: RegExp, nth: number): Promise<boolean> {
  const pool = await connect(source.readerUrl, { subject: 'source', connections: 5, applicationName: 'killed' });
  let seen = 0;
  const next = (what: string): Promise<never> | undefined => {
    if (seen < nth && effect.test(what)) seen++;
    if (seen < nth) return undefined;
    return pool.end({ timeout: 0 }).then(() => {
      throw new Error('killed');
    });
  };
  const dying = Object.assign(Object.create(store) as typeof store, {
    putIfAbsent: (key: string, body: Uint8Array) => next(key) ?? store.putIfAbsent(key, body),
  });
  await tick({ source: hookPool(pool, next), store: dying }).catch(() => undefined);
  await pool.end({ timeout: 0 });
  return seen === nth;
}

describe.each(HINTED_MODES)('with HINTS=%s', (mode) => {
  let ingested: HintedIngest;
  let lake: LakeState;

  beforeAll(async () => {
    ingested = await createHintedIngest(cluster, mode);
    await ingested.tick();
    await ingested.arm();
    lake = new LakeState(ingested.store);
  });

  afterAll(() => ingested.close());

  test.each(EFFECTS)(
    'after a run that is killed before %s, the next hint lacks nothing',
    async (_name, effect, nth) => {
      await ingested.source.run(
        `update currency set currency_code = 'EUR', last_updated = clock_timestamp() where currency_id = 1`,
        'update design set design_id = design_id + 1000 where design_id = (select min(design_id) from design)',
        `update department set location = location || 'x'`,
      );
      expect(await runUntil(ingested, effect, nth)).toBe(true);
      // The server may notice only later that the killed run's sessions are gone.
      const { refused, metrics } = await until('a run alone', async () => {
        const tried = await ingested.tick();
        return tried.result.outcome !== 'yielded' && tried;
      });
      const { batch } = await ingested.newest();
      const differences = findDifferences(await lake.read(batch), await readSourceRows(ingested.source.sql));
      expect({ refused, missed: metrics.HintsMissed ?? 0, differences }).toEqual({
        refused: undefined,
        missed: 0,
        differences: [],
      });
    },
  );
});
