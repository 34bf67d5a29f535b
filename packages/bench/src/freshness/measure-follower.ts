import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Sql } from '@totesys/runtime';
import type { Sandbox } from '@totesys/sandbox';
import { connectTo } from '../measures/bench-context.ts';
import type { ReadServerCpu } from '../measures/server-cpu.ts';
import { spreadOf, spreadOfKnown } from '../measures/spread.ts';
import { type RunningProcess, startProcess } from '../measures/start-process.ts';
import { describeFailure } from '../peers/describe-failure.ts';
import type { Job } from '../peers/peer.ts';
import type { Measure } from '../report/result.ts';
import { databaseName } from '../source/libpq.ts';
import { readSourceTables } from '../source/source-tables.ts';
import { dropSource } from './drop-source.ts';
import type { Follower, Following } from './follower.ts';
import { measureLatencies } from './latencies.ts';
import { NEW_ORDER, type OperationKind } from './operation-kinds.ts';
import {
  type Committed,
  type Performed,
  performOperation,
  performOperations,
  readCommitTimes,
  WRITERS,
} from './perform-operations.ts';
import { type Plan, planOperations } from './plan-operations.ts';

/** What is the same for all followers of a run. */
export interface FollowerRun {
  readonly sandbox: Sandbox;
  readonly readServerCpu: ReadServerCpu;
  readonly perSecond: number;
  readonly seconds: number;
  /** How long a tool may take until it follows the source: milliseconds. */
  readonly startLimitMs: number;
  /** How long operations may take to arrive after the last one was made: milliseconds. */
  readonly drainLimitMs: number;
}

/** The group of all measures of this bench. */
export const GROUP = 'freshness';
/** The share of the wanted rate below which the outcome names the rate. */
const LEAST_RATE = 0.95;
const PROBE_INTERVAL_MS = 1_000;

let count = 0;

/** Measures the operations without any tool: what their writes cost the server. */
export function measureOperationsAlone(run: FollowerRun): Promise<Measure> {
  return withCopy(run, async (source, { operations }) => {
    const before = run.readServerCpu();
    await performOperations(source, operations, run.perSecond);
    return {
      group: GROUP,
      name: 'floor: the operations alone',
      rows: rowsOf(operations),
      serverCpuSeconds: spreadOfKnown([difference(before, run.readServerCpu())]),
    };
  });
}

/**
 * Measures a tool on a copy of the source. A tool that cannot be installed, fails, or does not begin to follow the
 * source is an outcome and not an error.
 */
export function measureFollower(run: FollowerRun, follower: Follower): Promise<Measure> {
  const failed = (reason: string): Measure => ({
    group: GROUP,
    name: follower.name,
    rows: 0,
    outcome: describeFailure(reason),
  });
  return withCopy(run, async (source, plan, job) => {
    const following = await follower.prepare();
    if ('missing' in following) return failed(following.missing);
    await following.setUp?.(job, source);
    const target = await connectTo(job.targetUrl, 1);
    try {
      return await follow({ run, follower, following, job, source, target, plan });
    } finally {
      await target.end();
    }
  }).catch((error: Error) => failed(error.message));
}

/** All that the measurement of one tool works with. */
interface Measurement {
  readonly run: FollowerRun;
  readonly follower: Follower;
  readonly following: Following;
  readonly job: Job;
  readonly source: Sql;
  readonly target: Sql;
  readonly plan: Plan;
}

async function follow(measurement: Measurement): Promise<Measure> {
  const { run, follower, following, job, source, plan } = measurement;
  const { command, environment } = await following.program(job);
  // The tool gets no other variables of this process, because it could send them to its vendor.
  const started = startProcess({
    command,
    environment: { PATH: process.env.PATH ?? '', HOME: job.folder, TMPDIR: job.folder, ...environment },
    folder: job.folder,
    interrupted: run.sandbox.interrupted,
  });
  let measured: Measure;
  try {
    await untilFollowing(measurement, started);
    const before = { client: started.cpuSeconds(), server: run.readServerCpu() };
    started.takePeakMegabytes();
    const performed = await performOperations(source, plan.operations, run.perSecond);
    const arrivals = await untilArrived(measurement, started, performed);
    const cpu = difference(before.client, started.cpuSeconds());
    const committed = await readCommitTimes(source, performed);
    const { lost, unfoundKinds, ...freshness } = measureLatencies(committed, arrivals, follower.finds);
    measured = {
      group: GROUP,
      name: follower.name,
      rows: rowsOf(plan.operations),
      ...(cpu !== undefined && { clientCpuSeconds: spreadOf([cpu]) }),
      serverCpuSeconds: spreadOfKnown([difference(before.server, run.readServerCpu())]),
      peakMegabytes: spreadOfKnown([started.takePeakMegabytes()]),
      ...(freshness.arrived > 0 && { freshness }),
      outcome: [describeOutcome(follower, unfoundKinds, lost), ...describeRate(committed, run.perSecond)].join('; '),
    };
  } finally {
    await started.stop();
  }
  const proof = await following.prove?.(job);
  return proof === undefined ? measured : { ...measured, outcome: `${measured.outcome}; ${proof}` };
}

type Counts = ReadonlyMap<string, number>;

function describeOutcome({ arrival }: Follower, unfound: Counts, lost: Counts): string {
  const list = (counts: Counts) => [...counts].map(([kind, times]) => `${times} × ${kind}`).join(', ');
  return [
    ...(lost.size > 0 ? [`WRONG: never arrived: ${list(lost)}`] : []),
    `arrival: ${arrival}`,
    ...(unfound.size > 0 ? [`not found, as its documentation says: ${list(unfound)}`] : []),
  ].join('; ');
}

// If a tool uses so much CPU that the source falls below the rate, its figures are of fewer operations a second.
function describeRate(committed: readonly Committed[], wanted: number): string[] {
  const [first, last] = [committed[0]!.committedAt, committed.at(-1)!.committedAt];
  const perSecond = (committed.length - 1) / (last - first);
  return perSecond < LEAST_RATE * wanted ? [`the source made only ${perSecond.toFixed(0)} operations a second`] : [];
}

// A probe that arrives shows that the tool has begun to follow the source.
async function untilFollowing({ run, following, job, source, target, plan }: Measurement, started: RunningProcess) {
  const deadlineMs = performance.now() + run.startLimitMs;
  const probes: Performed[] = [];
  while (performance.now() < deadlineMs) {
    throwIfEnded(started);
    probes.push(await performOperation(source, plan.nextProbe()));
    await delay(PROBE_INTERVAL_MS);
    if ((await following.readArrivals(job, target, probes)).size > 0) return;
  }
  throw new Error(`no change arrived within ${run.startLimitMs / 1e3} s of its start`);
}

async function untilArrived(
  { run, follower, following, job, target }: Measurement,
  started: RunningProcess,
  performed: readonly Performed[],
) {
  const deadlineMs = performance.now() + run.drainLimitMs;
  // Only operations whose row no later operation changes are certain to arrive.
  const awaited = performed.filter(({ kind }) => follower.finds(kind) && (kind.keys.isOnce || kind === NEW_ORDER));
  for (;;) {
    throwIfEnded(started);
    const arrivals = await following.readArrivals(job, target, performed);
    const isComplete = awaited.every(({ mark }) => arrivals.has(mark));
    if (isComplete || performance.now() > deadlineMs) return arrivals;
    await delay(PROBE_INTERVAL_MS);
  }
}

function throwIfEnded(started: RunningProcess): void {
  const fault = started.fault();
  if (fault !== undefined) throw new Error(fault);
}

async function withCopy(
  { sandbox, perSecond, seconds }: FollowerRun,
  work: (source: Sql, plan: Plan, job: Job) => Promise<Measure>,
): Promise<Measure> {
  const { cluster } = sandbox;
  const name = `bench_freshness_${process.pid}_${++count}`;
  const folder = join(sandbox.folder, name);
  const sourceUrl = await cluster.createDatabase(`${name}_source`, { template: databaseName(sandbox.sourceUrl) });
  const targetUrl = await cluster.createDatabase(name);
  await mkdir(folder);
  const source = await connectTo(sourceUrl, WRITERS);
  try {
    const plan = await planOperations(source, perSecond * seconds);
    return await work(source, plan, { sourceUrl, targetUrl, folder, tables: await readSourceTables(source) });
  } finally {
    await source.end();
    await dropSource(cluster, sourceUrl);
    await cluster.dropDatabase(name);
    await rm(folder, { recursive: true, force: true });
  }
}

const rowsOf = (operations: readonly { readonly kind: OperationKind }[]) =>
  operations.reduce((sum, { kind }) => sum + kind.rows, 0);

const difference = (before: number | undefined, after: number | undefined) =>
  before === undefined || after === undefined ? undefined : after - before;
