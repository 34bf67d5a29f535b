import { join } from 'node:path';
import { connect, type Sql } from '@totesys/runtime';
import type { Sandbox } from '@totesys/sandbox';
import { BENCH, TOTESYS } from '../programs.ts';
import type { Recorder } from './recorder.ts';
import { type Places, runCommand, type Watch } from './run-command.ts';
import { addSamples, type Sample } from './sample.ts';

/** What every measure of a run works with. */
export interface BenchContext extends Watch {
  readonly sandbox: Sandbox;
  readonly recorder: Recorder;
  readonly repeats: number;
  readonly say: (line: string) => void;
}

let count = 0;

/** Returns new places for a source: an empty warehouse and an empty folder for both lakes. */
export async function emptyPlaces({ sandbox }: BenchContext, sourceUrl: string): Promise<Places> {
  const name = `bench_warehouse_${process.pid}_${++count}`;
  const warehouseUrl = await sandbox.cluster.createDatabase(name);
  return { SOURCE_URL: sourceUrl, WAREHOUSE_URL: warehouseUrl, LAKE: join(sandbox.folder, name) };
}

/** Removes the warehouse of places that are no longer used; the folder is removed with the sandbox. */
export async function dropWarehouse({ sandbox }: BenchContext, { WAREHOUSE_URL }: Places): Promise<void> {
  await sandbox.cluster.dropDatabase(new URL(WAREHOUSE_URL).pathname.slice(1));
}

/** Connects to a database of the bench; the caller ends the connection. */
export function connectTo(url: string, connections = 2): Promise<Sql> {
  return connect(url, { subject: 'source', connections, applicationName: 'totesys-bench' });
}

/** Runs a floor once. Its time is that of the statements, without the start of the process. */
export async function runFloor(context: BenchContext, name: string, places: Places): Promise<Sample> {
  const { result, sample } = await runCommand(BENCH, ['floor', name], places, context);
  return { ...sample, seconds: Number(result.floorSeconds) };
}

/** Runs `totesys` with these words, once. */
export async function runTotesys(context: BenchContext, words: readonly string[], places: Places): Promise<Sample> {
  return (await runCommand(TOTESYS, words, places, context)).sample;
}

/**
 * Runs a stage until it reports that nothing changed. Each run has a process of its own, as in Lambda; the last one,
 * which finds nothing, does not count.
 */
export async function runUntilUnchanged(context: BenchContext, stage: string, places: Places): Promise<Sample> {
  const samples: Sample[] = [];
  for (;;) {
    const { result, sample } = await runCommand(TOTESYS, [stage], places, context);
    if (result.outcome === 'unchanged') return addSamples(samples);
    samples.push(sample);
  }
}
