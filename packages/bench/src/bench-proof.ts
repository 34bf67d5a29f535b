import { UsageError } from '@totesys/cli';
import { query, type Sql } from '@totesys/runtime';
import { type Cluster, type Sandbox, startCluster } from '@totesys/sandbox';
import { type BenchContext, connectTo, emptyPlaces, runFloor, runTotesys } from './measures/bench-context.ts';
import { Recorder } from './measures/recorder.ts';
import { readRowsRead } from './measures/rows-read.ts';
import { type Places, runCommand } from './measures/run-command.ts';
import { watchServerCpu } from './measures/server-cpu.ts';
import { makeTick, TICK_CHANGES } from './measures/ticks.ts';
import { parseCount, type RawOptions } from './options.ts';
import { BENCH } from './programs.ts';
import { describeMachine, readVersions } from './report/machine.ts';
import type { BenchResult } from './report/result.ts';
import { runBench } from './run-bench.ts';
import { fillSource } from './source/fill-source.ts';

const LEAST_ROWS = 100;
const FLOOR = 'floor: count(*)';

/** A source of one size, loaded, whose proofs are measured. */
interface Proving {
  readonly group: string;
  readonly rows: number;
  readonly source: Sql;
  readonly places: Places;
  /** What each kind of proof compared, read and asked for, by its name. */
  readonly outcomes: Map<string, string>;
}

/** Runs `make bench-proof`: the cost of the hourly proof for sources of several sizes, beside a scan of the tables. */
export async function benchProof(options: RawOptions): Promise<number> {
  const sizes = parseSizes(options);
  const repeats = parseCount(options, 'repeats', 1);
  return runBench('bench-proof', options, async (sandbox, say) => {
    // A server of its own for the warehouse, so that the CPU time of the source's server is that of the source.
    const cluster = await startCluster();
    try {
      return await measureProofs({ ...sandbox, cluster }, { sizes, repeats, source: sandbox.cluster }, say);
    } finally {
      await cluster.stop();
    }
  });
}

function parseSizes(options: RawOptions): number[] {
  return String(options.rows)
    .split(',')
    .map((rows) => {
      const size = Number(rows);
      if (Number.isInteger(size) && size >= LEAST_ROWS) return size;
      throw new UsageError(
        `--rows has '${rows}': expected integers from ${LEAST_ROWS}, with commas between: 50000,2000000.`,
      );
    });
}

interface Sizes {
  readonly sizes: readonly number[];
  readonly repeats: number;
  /** The server of the sources. */
  readonly source: Cluster;
}

async function measureProofs(
  sandbox: Sandbox,
  { sizes, repeats, source: server }: Sizes,
  say: (line: string) => void,
): Promise<BenchResult> {
  const machine = describeMachine();
  const recorder = new Recorder();
  const readServerCpu = await watchServerCpu(sandbox.sourceUrl);
  const context: BenchContext = { sandbox, recorder, repeats, say, readServerCpu, interrupted: sandbox.interrupted };
  const outcomes = new Map<string, string>();
  let versions: Record<string, string> = {};
  for (const rows of sizes) {
    const group = `a source of ${rows.toLocaleString('en')} rows`;
    say(`Making ${group} …`);
    const url = await server.createDatabase(`bench_proof_${process.pid}_${rows}`);
    const source = await connectTo(url);
    try {
      await fillSource(source, rows);
      const places = await emptyPlaces(context, url);
      await runTotesys(context, ['run'], places);
      await measureSize(context, { group, rows, source, places, outcomes });
      versions = await readVersions(source);
    } finally {
      await source.end();
    }
  }
  const measures = recorder.measures().map((measure) => {
    const outcome = outcomes.get(`${measure.group}: ${measure.name}`);
    return { ...measure, ...(outcome !== undefined && { outcome }) };
  });
  const date = new Date().toISOString();
  return { format: 1, kind: 'proof', date, machine, versions, rows: Math.max(...sizes), bytes: {}, measures };
}

async function measureSize(context: BenchContext, proving: Proving): Promise<void> {
  const { group, rows, places, source } = proving;
  // As a database in use: without statistics the planner would choose other plans.
  await query(source, { text: 'analyze' });
  const scan = async () => context.recorder.add({ group, name: FLOOR, rows }, await runFloor(context, 'scan', places));
  await scan();
  await measureProof(context, proving, 'the first proof');
  for (let repeat = 1; repeat <= context.repeats; repeat++) {
    context.say(`Measuring proofs of ${group}, ${repeat} of ${context.repeats} …`);
    await scan();
    await measureProof(context, proving, 'proof, no change');
    await makeTick(context, proving);
    await measureProof(context, proving, `proof after ${TICK_CHANGES} changes`);
  }
}

async function measureProof(context: BenchContext, proving: Proving, name: string): Promise<void> {
  const { group, rows, source, places, outcomes } = proving;
  const before = await readRowsRead(source);
  const { result, sample } = await runCommand(BENCH, ['proof-once'], places, context);
  const read = (await readRowsRead(source)) - before;
  context.recorder.add({ group, name, rows, floor: FLOOR }, sample);
  const figures = [result.compared, read, result.requests].map((figure) => Number(figure).toLocaleString('en'));
  outcomes.set(`${group}: ${name}`, figures.join(' / '));
}
