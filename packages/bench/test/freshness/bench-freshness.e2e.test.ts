import { fileURLToPath } from 'node:url';
import { withSandbox } from '@totesys/sandbox';
import { startCommand } from '../../../system-tests/test/built-command.ts';
import { FRESHNESS_SANDBOX, type FreshnessSizes, measureFreshness } from '../../src/bench-freshness.ts';
import { totesysEvery } from '../../src/freshness/follow-with-totesys.ts';
import type { Follower } from '../../src/freshness/follower.ts';
import { readMarks } from '../../src/freshness/read-marks.ts';
import type { BenchResult } from '../../src/report/result.ts';

const STUB = fileURLToPath(new URL('stub-follower.mjs', import.meta.url));
const SIZES: FreshnessSizes = { rows: 1_200, perSecond: 100, seconds: 2, startLimitMs: 60_000, drainLimitMs: 60_000 };
/** The limit for three tools beside other tests: milliseconds. */
const LIMIT_MS = 300_000;

// It copies sales orders that have a mark, but none that are deleted.
const stub = (mode: string): Follower => ({
  name: mode,
  version: '1.0',
  arrival: 'committed in a copy',
  finds: ({ keys, isStamped }) => keys.table === 'sales_order' && isStamped,
  prepare: async () => ({
    program: async ({ sourceUrl, targetUrl }) => ({
      command: [process.execPath, STUB, mode],
      environment: { SOURCE_URL: sourceUrl, TARGET_URL: targetUrl },
    }),
    readArrivals: (_, target) =>
      readMarks(target, 'copied', { text: 'select units_sold as mark, xmin as xid from copied' }),
  }),
});
const absent: Follower = { ...stub('absent'), prepare: async () => ({ missing: 'no wheel for this system' }) };

async function measure(followers: readonly Follower[], sizes: FreshnessSizes): Promise<BenchResult> {
  let result: BenchResult | undefined;
  await withSandbox(
    'bench-test',
    async (sandbox) => {
      result = await measureFreshness(sandbox, followers, sizes, () => {});
      return 0;
    },
    FRESHNESS_SANDBOX,
  );
  return result!;
}

const find = ({ measures }: BenchResult, name: string) => measures.find((each) => each.name === name)!;

test(
  'every operation has a latency from its commit to its arrival, and the warehouse equals the source',
  async () => {
    const result = await measure([totesysEvery('off')], SIZES);
    const floor = find(result, 'floor: the operations alone');
    const own = find(result, 'totesys run --every 1s');
    expect(own.outcome).toMatch(/^arrival: committed in the star schema; .* proved by totesys reconcile$/);
    const { operations, arrived, overwritten, unfound, p50, p95, p99, most, overTime } = own.freshness!;
    expect({ operations, unfound }).toEqual({ operations: 200, unfound: 0 });
    expect(arrived + overwritten).toBe(200);
    expect(arrived).toBeGreaterThan(180);
    // A row is never seen before its commit.
    expect(p50).toBeGreaterThan(0);
    expect([p50, p95, p99, most]).toEqual([p50, p95, p99, most].sort((a, b) => a - b));
    expect(overTime.length).toBeGreaterThan(0);
    expect(own.rows).toBe(floor.rows);
    for (const spread of [own.clientCpuSeconds, own.peakMegabytes]) expect(spread!.median).toBeGreaterThan(0);
  },
  LIMIT_MS,
);

test(
  'the outcomes of a tool that loses changes, one that fails, one that never begins and one that is not installed',
  async () => {
    const sizes = { ...SIZES, startLimitMs: 3_000, drainLimitMs: 1_000 };
    const result = await measure([stub('loses odd marks'), stub('fails'), stub('hangs'), absent], sizes);
    const outcomes = Object.fromEntries(result.measures.map(({ name, outcome }) => [name, outcome]));
    expect(outcomes).toEqual({
      'floor: the operations alone': undefined,
      'loses odd marks': expect.stringMatching(
        /^WRONG: never arrived: \d+ × edited sales order; arrival: committed in a copy; not found, .*× deleted sales order/,
      ),
      fails: expect.stringMatching(/^failed: exit code 7: no route to /),
      hangs: 'failed: no change arrived within 3 s of its start',
      absent: 'failed: no wheel for this system',
    });
    expect(JSON.stringify(result)).not.toMatch(/postgres:\/\/[^"]*:[^"]*@/);
  },
  LIMIT_MS,
);

test.each([
  [['--rate', '0'], "--rate is not a number: expected an integer from 1, got '0'."],
  [['--peers', 'airbyte'], "--peers has 'airbyte': expected some of debezium,dlt."],
  [['--hints', 'guess'], "--hints is 'guess': expected off"],
])('%j is a wrong use', async (args, message) => {
  const { code, stderr } = await startCommand('totesys-bench', ['freshness', ...args]).ended;
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
});
