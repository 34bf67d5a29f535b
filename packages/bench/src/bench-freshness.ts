import { parseHints, UsageError } from '@totesys/cli';
import type { Sandbox } from '@totesys/sandbox';
import { debezium } from './freshness/follow-with-debezium.ts';
import { dltLoop } from './freshness/follow-with-dlt.ts';
import { totesysEvery } from './freshness/follow-with-totesys.ts';
import type { Follower } from './freshness/follower.ts';
import { type FollowerRun, measureFollower, measureOperationsAlone } from './freshness/measure-follower.ts';
import { connectTo } from './measures/bench-context.ts';
import { watchServerCpu } from './measures/server-cpu.ts';
import { parseCount, type RawOptions } from './options.ts';
import { describeMachine, readVersions } from './report/machine.ts';
import type { BenchResult, Measure } from './report/result.ts';
import { runBench } from './run-bench.ts';
import { fillSource } from './source/fill-source.ts';

/** The tools that `--peers` may name. */
const PEERS: Readonly<Record<string, Follower>> = { debezium, dlt: dltLoop };

/** The settings that the bench's server needs besides the usual ones: logical decoding, and the times of commits. */
export const FRESHNESS_SANDBOX = { settings: { wal_level: 'logical', track_commit_timestamp: 'on' } } as const;

/** The operations without a tool are made for this long at most: seconds. */
const FLOOR_SECONDS = 30;

/** The sizes of a run. */
export interface FreshnessSizes extends Pick<FollowerRun, 'perSecond' | 'seconds' | 'startLimitMs' | 'drainLimitMs'> {
  readonly rows: number;
}

/**
 * Runs `make bench-freshness`: how long a change takes from the commit in the source until the warehouse shows it, with
 * this product and with other tools.
 */
export async function benchFreshness(options: RawOptions): Promise<number> {
  const sizes: FreshnessSizes = {
    rows: parseCount(options, 'rows', 100),
    perSecond: parseCount(options, 'rate', 1),
    seconds: parseCount(options, 'seconds', 1),
    startLimitMs: parseCount(options, 'startSeconds', 1) * 1e3,
    drainLimitMs: parseCount(options, 'drainSeconds', 1) * 1e3,
  };
  const followers = parseFollowers(options);
  return runBench(
    'bench-freshness',
    options,
    (sandbox, say) => measureFreshness(sandbox, followers, sizes, say),
    FRESHNESS_SANDBOX,
  );
}

/** Returns the tools of a run: this product, also with change hints if a mode is named, and the named peers. */
function parseFollowers(options: RawOptions): readonly Follower[] {
  const hints = parseHints({ hints: String(options.hints ?? 'off') }, {});
  const names = String(options.peers ?? '')
    .split(',')
    .filter(Boolean);
  const unknown = names.find((name) => !Object.hasOwn(PEERS, name));
  if (unknown !== undefined)
    throw new UsageError(`--peers has '${unknown}': expected some of ${Object.keys(PEERS).join(',')}.`);
  const own = [totesysEvery('off'), ...(hints === 'off' ? [] : [totesysEvery(hints)])];
  return [...own, ...names.map((name) => PEERS[name]!)];
}

/** Measures tools, each on its own copy of one source. */
export async function measureFreshness(
  sandbox: Sandbox,
  followers: readonly Follower[],
  sizes: FreshnessSizes,
  say: (line: string) => void,
): Promise<BenchResult> {
  const { rows, perSecond, seconds } = sizes;
  const machine = describeMachine();
  say(`Making a source of ${rows.toLocaleString('en')} rows …`);
  const source = await connectTo(sandbox.sourceUrl);
  // Postgres copies a database only while it has no session.
  const versions = await fillSource(source, rows)
    .then(() => readVersions(source))
    .finally(() => source.end());
  const run: FollowerRun = { sandbox, readServerCpu: await watchServerCpu(sandbox.sourceUrl), ...sizes };
  say('Measuring the operations alone …');
  const measures: Measure[] = [await measureOperationsAlone({ ...run, seconds: Math.min(seconds, FLOOR_SECONDS) })];
  for (const follower of followers) {
    say(`Measuring ${follower.name}, ${perSecond} operations a second for ${seconds} s …`);
    measures.push(await measureFollower(run, follower));
    versions[follower.name.split(/[ ,]/)[0]!] = follower.version;
  }
  return {
    format: 1,
    kind: 'freshness',
    date: new Date().toISOString(),
    machine,
    versions,
    rows,
    bytes: {},
    operations: { perSecond, seconds },
    measures,
  };
}
