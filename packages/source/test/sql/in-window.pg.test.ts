import { connect, type Sql } from '@totesys/runtime';
import { type Cluster, findFullPostgres, skipTransactionIds, startCluster } from '@totesys/sandbox';
import fc from 'fast-check';
import { setRowSelection } from '../../src/rows/read-rows.ts';
import { fenceWindow } from '../../src/snapshot/fence.ts';
import { IN_WINDOW, IN_WINDOW_BY_MODULO } from '../../src/sql/row-selection.ts';

const programs = await findFullPostgres();
const describeOnFull = typeof programs === 'string' ? describe : describe.skip;
// biome-ignore lint/suspicious/noConsole: a skipped suite says why.
if (typeof programs !== 'string') console.warn(`Skipped, no transaction id is skipped: ${programs.missing}`);

const EPOCH = 2 ** 32;
/** The first id that a transaction can have. */
const FIRST_NORMAL = 3;

// One life: ids only ever go up.
describeOnFull('the predicate by ages equals the one modulo 2³²', () => {
  let cluster: Cluster;
  let sql: Sql;

  beforeAll(async () => {
    if (typeof programs !== 'string') return;
    cluster = await startCluster({ programs, settings: { autovacuum: 'off', shared_buffers: '32MB' } });
  });

  afterAll(async () => {
    await sql?.end();
    await cluster?.stop();
  });

  async function advance(next: number): Promise<void> {
    await sql?.end();
    if (next > 0) await skipTransactionIds(cluster, programs as string, next);
    sql = await connect(cluster.url('postgres'), { subject: 'source', connections: 1, applicationName: 'test' });
  }

  test.each([
    ['in the first epoch', 0],
    ['half an epoch later', 2 ** 31 + 1_000],
    ['just before ids wrap', EPOCH - 40],
    ['just after ids wrapped', EPOCH + 40],
    ['a quarter into the second epoch', EPOCH + 2 ** 30 + 7],
  ])('%s, for every normal id and every window up to the newest id', async (_when, next) => {
    await advance(next);
    const [{ id } = {}] = await sql`select pg_snapshot_xmax(pg_current_snapshot())::text as id`;
    const newest = Number(id);
    const spans = fc.oneof(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 2 ** 30 - 2, max: 2 ** 30 + 2 }),
      fc.integer({ min: 2 ** 31 - 2, max: 2 ** 31 + 2 }),
      fc.integer({ min: 1, max: EPOCH + 5 }),
    );
    // How far the newest id is ahead of the snapshot's xmax.
    const drifts = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 2 ** 29 }));
    const window = fc.tuple(spans, drifts).map(([span, drift]) => {
      const xmax = Math.max(FIRST_NORMAL + 1, newest - drift);
      return { xmin: Math.max(FIRST_NORMAL, xmax - span), xmax };
    });
    const isNormal = (fence: number) => fence % EPOCH >= FIRST_NORMAL;
    const cases = fc.record({
      window: window.filter(({ xmin, xmax }) => isNormal(xmin) && isNormal(xmax)),
      others: fc.array(fc.integer({ min: 0, max: EPOCH - 1 }), { minLength: 20, maxLength: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ window: { xmin, xmax }, others }) => {
        const edges = [xmin, xmax, newest, xmin + 2 ** 31, xmax + 2 ** 31, newest + 2 ** 31, 0];
        const near = edges.flatMap((edge) => [-2, -1, 0, 1, 2, 3].map((step) => edge + step));
        const ids = [...near, ...others].map((each) => ((each % EPOCH) + EPOCH) % EPOCH).filter(isNormal);
        expect(await compare({ xmin, xmax }, ids)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('a window across the wrap differs in the permanent ids alone, which no transaction has', async () => {
    const fence = { xmin: EPOCH - 10, xmax: EPOCH + 40 };
    expect(await compare(fence, [0, 1, 2, 3, EPOCH - 10, EPOCH - 11])).toEqual(['0', '1', '2']);
  });

  // Returns the ids for which the two differ.
  async function compare(fence: { xmin: number; xmax: number }, ids: readonly number[]): Promise<string[]> {
    const [xmin, xmax] = [String(fence.xmin), String(fence.xmax)];
    const window = fenceWindow({ xmin, xmax: xmin }, { xmin: xmax, xmax });
    const connection = await sql.reserve();
    try {
      await connection`begin`;
      await setRowSelection(connection, {}, window);
      const rows = await connection.unsafe(
        `select xmin::text as id from unnest($1::text[]::xid[]) t (xmin)
          where ${IN_WINDOW} is distinct from (${IN_WINDOW_BY_MODULO})`,
        [ids.map(String)],
      );
      return rows.map((row) => row.id);
    } finally {
      await connection`rollback`;
      connection.release();
    }
  }
});
