import { fileURLToPath } from 'node:url';
import { withSandbox } from '@totesys/sandbox';
import { measurePeers } from '../../src/bench-peers.ts';
import { checkTarget } from '../../src/peers/check-target.ts';
import type { Job, Peer } from '../../src/peers/peer.ts';
import type { BenchResult } from '../../src/report/result.ts';

const STUB = fileURLToPath(new URL('stub-peer.mjs', import.meta.url));

const stub = (name: string): Peer => ({
  name,
  version: '1.0',
  group: 'moved into Postgres',
  prepare: async () => ({
    program: async ({ sourceUrl, targetUrl }) => ({
      command: [process.execPath, STUB, name],
      environment: { SOURCE_URL: sourceUrl, TARGET_URL: targetUrl },
    }),
    check: (job: Job) => checkTarget({ ...job, tables: job.tables.filter((table) => table.name === 'currency') }),
  }),
});
const absent: Peer = {
  name: 'is absent',
  version: '2.0',
  group: 'moved into Postgres',
  prepare: async () => ({ missing: 'no wheel for this system' }),
};

async function measure(peers: readonly Peer[], limitMs: number): Promise<BenchResult> {
  let result: BenchResult | undefined;
  await withSandbox('bench-test', async (sandbox) => {
    result = await measurePeers(sandbox, peers, { rows: 300, loads: 1, limitMs }, () => {});
    return 0;
  });
  return result!;
}

const outcomes = ({ measures }: BenchResult) =>
  Object.fromEntries(measures.map(({ name, outcome }) => [name, outcome]));

test('the outcomes of a peer that moves all rows, one that loses a row, one that fails and one that is not installed', async () => {
  const result = await measure([stub('moves all'), stub('loses a row'), stub('fails'), absent], 60_000);
  expect(outcomes(result)).toEqual({
    'floor: pipes': undefined,
    'moves all': expect.stringMatching(/^all rows and values/),
    'loses a row': expect.stringMatching(/^WRONG: currency: expected 3 rows, got 2/),
    fails: expect.stringMatching(/^failed: exit code 7: no route to /),
    'is absent': 'failed: no wheel for this system',
  });
  expect(JSON.stringify(result)).not.toMatch(/postgres:\/\/[^"]*:[^"]*@/);
  const named = (name: string) => result.measures.find((each) => each.name === name)!;
  expect(named('moves all').ratio!.median).toBeGreaterThan(0);
  expect(named('moves all').clientCpuSeconds!.median).toBeGreaterThan(0);
  expect(named('fails').seconds).toBeUndefined();
  expect(result.versions).toMatchObject({ 'moves all': '1.0', 'is absent': '2.0' });
});

test('a peer that does not end is killed and has a line in the result', async () => {
  expect(outcomes(await measure([stub('hangs')], 1_000))).toMatchObject({ hangs: 'failed: it took longer than 1 s' });
});
