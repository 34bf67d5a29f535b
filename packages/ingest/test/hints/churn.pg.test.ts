import type { Cluster } from '@totesys/sandbox';
import { startHintedCluster } from '../../../source/test/hints/hinted-cluster.ts';
import { ownerAct, REPLACE_SLOT } from './churn/owner-acts.ts';
import { Random } from './churn/random.ts';
import { Writers } from './churn/writers.ts';
import { createHintedIngest, type HintedIngest, type Tick } from './hinted-ingest.ts';
import { hookPool } from './hooked-pool.ts';
import { findDifferences, LakeState, readSourceRows } from './scenarios/compare-lake.ts';
import { HINTED_MODES } from './scenarios/scenario.ts';

/** HINT_SEEDS=20 HINT_RUNS=300 makes more of each. What happens depends on the seed; parallel statements may race. */
const SEEDS = Array.from({ length: Number(process.env.HINT_SEEDS ?? 2) }, (_, seed) => seed + 1);
const RUNS = Number(process.env.HINT_RUNS ?? 20);
/** Runs that must trust the hint, so that the seed shows something, and the most runs for it: sessions race. */
const LEAST_TRUSTED = RUNS / 6;
const MOST_RUNS = 4 * RUNS;
/** Runs of which the server crashes one. */
const RUNS_PER_CRASH = 12;
const JOINS = /^set transaction snapshot '([^']+)'/;

type Rows = Awaited<ReturnType<typeof readSourceRows>>;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startHintedCluster();
});

afterAll(() => cluster.stop());

/** Runs of ingest whose every statement may come after a step of another session. */
class Churn {
  readonly #ingested: HintedIngest;
  readonly #random: Random;
  readonly #writers: Writers;
  readonly #lake: LakeState;
  trusted = 0;

  constructor(ingested: HintedIngest, random: Random) {
    this.#ingested = ingested;
    this.#random = random;
    this.#writers = new Writers(ingested.source.sql, random);
    this.#lake = new LakeState(ingested.store);
  }

  async run(): Promise<void> {
    for (let step = this.#random.below(6); step > 0; step--) await this.#writers.step();
    if (this.#random.chance(0.12)) await this.act('between');
    if (this.#random.chance(0.04)) {
      await this.#writers.endAll();
      await this.#ingested.source.run(...REPLACE_SLOT);
    }
    await this.tick(this.#random.below(RUNS_PER_CRASH) === 0);
  }

  async finish(): Promise<void> {
    await this.endWriters();
    await this.tick(false);
  }

  /** Ends all transactions, also prepared ones, with which the database cannot be dropped. */
  endWriters(): Promise<void> {
    return this.#writers.endAll();
  }

  private async act(when: 'beside' | 'between'): Promise<void> {
    // A table that a writer has changed cannot be altered.
    if (when === 'between') await this.#writers.endAll();
    await this.#ingested.source.run(...ownerAct(this.#random, when));
  }

  private async tick(crashes: boolean): Promise<void> {
    let shown: Rows | undefined;
    const crashAt = crashes ? 1 + this.#random.below(60) : -1;
    let statements = 0;
    const before = async (statement: string) => {
      const [, snapshot] = JOINS.exec(statement) ?? [];
      if (snapshot !== undefined) shown ??= await this.readUnder(snapshot);
      if (crashes && statements >= crashAt) return;
      if (++statements === crashAt) await cluster.restart({ crash: true });
      else if (this.#random.chance(0.1)) await this.#writers.step();
      else if (this.#random.chance(0.002)) await this.act('beside');
    };
    // One after another, also before the statements of parallel connections.
    let last: Promise<void> = Promise.resolve();
    const beside = (statement: string) => {
      last = last.then(() => before(statement));
      return last;
    };
    const source = hookPool(this.#ingested.source.reader, beside);
    const ticked = await this.#ingested.tick({ source }).catch((error) => {
      if (!crashes) throw error;
    });
    if (crashes) await this.#writers.forget();
    if (ticked) await this.check(ticked, shown!);
  }

  private async check({ result, metrics, refused = 'trusted' }: Tick, shown: Rows): Promise<void> {
    if (refused === 'trusted') this.trusted++;
    expect(['committed', 'unchanged']).toContain(result.outcome);
    const { batch } = await this.#ingested.newest();
    const differences = findDifferences(await this.#lake.read(batch), shown);
    expect({ refused, differences, missed: metrics.HintsMissed ?? 0 }).toEqual({ refused, differences: [], missed: 0 });
  }

  // The source as the run's snapshot shows it.
  private readUnder(snapshot: string): Promise<Rows> {
    return this.#ingested.source.sql.begin('isolation level repeatable read', async (sql) => {
      await sql.unsafe(`set transaction snapshot '${snapshot}'`);
      return await readSourceRows(sql);
    }) as Promise<Rows>;
  }
}

describe.each(HINTED_MODES)('with HINTS=%s', (mode) => {
  test.each(SEEDS)(
    'beside writers, alterations, other slots and crashes the lake equals the source under each snapshot (seed %i)',
    async (seed) => {
      const ingested = await createHintedIngest(cluster, mode);
      const churn = new Churn(ingested, new Random(seed));
      try {
        for (let run = 0; run < RUNS || (churn.trusted <= LEAST_TRUSTED && run < MOST_RUNS); run++) await churn.run();
        await churn.finish();
        expect(churn.trusted).toBeGreaterThan(LEAST_TRUSTED);
      } finally {
        await churn.endWriters();
        await ingested.close();
      }
    },
    MOST_RUNS * 20_000,
  );
});
