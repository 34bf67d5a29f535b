import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchContext } from '../measures/bench-context.ts';
import { runProcess } from '../measures/run-process.ts';
import type { SourceTable } from '../source/source-tables.ts';
import { describeFindings } from './compare-tables.ts';
import { describeFailure } from './describe-failure.ts';
import type { Job, Mover, Peer } from './peer.ts';

/** What is the same for all peers of a run. */
export interface PeerRun {
  readonly sourceUrl: string;
  readonly tables: readonly SourceTable[];
  readonly rows: number;
  readonly limitMs: number;
  readonly floors: Readonly<Record<Peer['group'], string>>;
}

/** The outcome of a peer: its findings or why it failed, the bytes of its files, and the version that was found. */
export interface PeerOutcome {
  readonly outcome: string;
  readonly bytes?: number | undefined;
  readonly version?: string | undefined;
}

let count = 0;

/**
 * Measures one run of a peer into an empty database and compares what arrived. A peer that cannot be installed, fails
 * or takes too long is an outcome and not an error.
 */
export async function measurePeer(context: BenchContext, run: PeerRun, peer: Peer): Promise<PeerOutcome> {
  const { cluster, folder: parent } = context.sandbox;
  const name = `bench_peer_${process.pid}_${++count}`;
  const folder = join(parent, name);
  try {
    const mover = await peer.prepare();
    if ('missing' in mover) return failed(mover.missing);
    const targetUrl = await cluster.createDatabase(name);
    await mkdir(folder, { recursive: true });
    return await move(context, run, peer, mover, { ...run, targetUrl, folder });
  } catch (error) {
    return failed((error as Error).message);
  } finally {
    await cluster.dropDatabase(name);
    await rm(folder, { recursive: true, force: true });
  }
}

async function move(
  { recorder, readServerCpu, interrupted }: BenchContext,
  { rows, limitMs, floors }: PeerRun,
  peer: Peer,
  mover: Mover,
  job: Job,
): Promise<PeerOutcome> {
  const { command, environment } = await mover.program(job);
  const ended = await runProcess({
    command,
    // Nothing else of this process's environment: a peer could send it to its makers.
    environment: { PATH: process.env.PATH ?? '', HOME: job.folder, TMPDIR: job.folder, ...environment },
    folder: job.folder,
    limitMs,
    interrupted,
    readServerCpu,
  });
  if (ended.isPastLimit) return failed(`it took longer than ${limitMs / 1e3} s`);
  if (ended.code !== 0) return failed(`exit code ${ended.code}: ${ended.stderr.trim() || ended.stdout.trim()}`);
  const { group, name } = peer;
  recorder.add({ group, name, rows, floor: floors[group] }, ended.sample);
  const bytes = await mover.bytes?.(job);
  return { bytes, version: mover.version, outcome: describeFindings(await mover.check(job)) };
}

const failed = (reason: string): PeerOutcome => ({ outcome: describeFailure(reason) });
