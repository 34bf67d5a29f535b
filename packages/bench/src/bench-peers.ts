import { CODE_VERSION } from '@totesys/cli';
import type { Sandbox } from '@totesys/sandbox';
import { type BenchContext, connectTo, dropWarehouse, emptyPlaces, runFloor } from './measures/bench-context.ts';
import { Recorder } from './measures/recorder.ts';
import { watchServerCpu } from './measures/server-cpu.ts';
import { parseCount, type RawOptions } from './options.ts';
import { dlt } from './peers/dlt.ts';
import { duckdbIntoParquet, duckdbIntoPostgres } from './peers/duckdb.ts';
import { ingestr } from './peers/ingestr.ts';
import { measurePeer, type PeerRun } from './peers/measure-peer.ts';
import type { Peer } from './peers/peer.ts';
import { pgDump } from './peers/pg-dump.ts';
import { sling } from './peers/sling.ts';
import { totesys, totesysIngest } from './peers/totesys.ts';
import { describeMachine, readVersions } from './report/machine.ts';
import type { BenchResult, Measure } from './report/result.ts';
import { runBench } from './run-bench.ts';
import { fillSource } from './source/fill-source.ts';
import { readSourceTables } from './source/source-tables.ts';

/** The peers in the order in which they run, this product among them. */
const PEERS: readonly Peer[] = [
  totesys,
  pgDump,
  dlt,
  ingestr,
  sling,
  duckdbIntoPostgres,
  totesysIngest,
  duckdbIntoParquet,
];

const FLOORS = { 'moved into Postgres': 'floor: pipes', 'written as Parquet': 'floor: COPY to null' } as const;

/** Sizes of a run of peers. */
export interface PeerSizes {
  readonly rows: number;
  readonly loads: number;
  readonly limitMs: number;
}

/** Runs `make bench-peers`: other tools and this product move the same tables, beside the same floors. */
export async function benchPeers(options: RawOptions): Promise<number> {
  const sizes: PeerSizes = {
    rows: parseCount(options, 'rows', 100),
    loads: parseCount(options, 'loads', 1),
    limitMs: parseCount(options, 'limitSeconds', 1) * 1e3,
  };
  return runBench('bench-peers', options, (sandbox, say) => measurePeers(sandbox, PEERS, sizes, say));
}

/** Measures peers on a new source of the sandbox; each load runs all of them once, after the floors. */
export async function measurePeers(
  sandbox: Sandbox,
  peers: readonly Peer[],
  { rows, loads, limitMs }: PeerSizes,
  say: (line: string) => void,
): Promise<BenchResult> {
  const { sourceUrl, interrupted } = sandbox;
  const machine = describeMachine();
  say(`Making a source of ${rows.toLocaleString('en')} rows …`);
  const source = await connectTo(sourceUrl);
  try {
    await fillSource(source, rows);
    const recorder = new Recorder();
    const readServerCpu = await watchServerCpu(sourceUrl);
    const context: BenchContext = { sandbox, recorder, repeats: loads, say, readServerCpu, interrupted };
    const tables = await readSourceTables(source);
    const run: PeerRun = { sourceUrl, tables, rows, limitMs, floors: FLOORS };
    const outcomes = new Map<string, string>();
    const bytes: Record<string, number> = {};
    const versions = await readVersions(source);
    for (let load = 1; load <= loads; load++) {
      await measureFloors(context, run, peers);
      for (const peer of peers) {
        say(`${peer.name}, ${load} of ${loads} …`);
        const { outcome, bytes: written, version } = await measurePeer(context, run, peer);
        outcomes.set(peer.name, outcome);
        versions[toolOf(peer)] = version ?? peer.version;
        if (written !== undefined) bytes[`${peer.name}, bytes written`] = written;
      }
    }
    const measures = withOutcomes(recorder.measures(), peers, outcomes, rows);
    return { format: 1, kind: 'peers', date: new Date().toISOString(), machine, versions, rows, bytes, measures };
  } finally {
    await source.end();
  }
}

// Two peers may be two uses of one tool.
const toolOf = ({ name, version }: Peer) => (version === CODE_VERSION ? 'totesys' : name.split(',')[0]!);

async function measureFloors(context: BenchContext, { sourceUrl, rows, floors }: PeerRun, peers: readonly Peer[]) {
  const places = await emptyPlaces(context, sourceUrl);
  for (const group of new Set(peers.map((peer) => peer.group))) {
    const kind = floors[group] === 'floor: pipes' ? 'pipes' : 'null';
    context.recorder.add({ group, name: floors[group], rows }, await runFloor(context, kind, places));
  }
  await dropWarehouse(context, places);
}

// A peer that failed has a line without a time. The order is that of the groups.
function withOutcomes(
  measures: readonly Measure[],
  peers: readonly Peer[],
  outcomes: ReadonlyMap<string, string>,
  rows: number,
): Measure[] {
  const lines = peers.map((peer): Measure => {
    const measured = measures.find(({ group, name }) => group === peer.group && name === peer.name);
    const outcome = outcomes.get(peer.name);
    return { ...(measured ?? { group: peer.group, name: peer.name, rows }), ...(outcome !== undefined && { outcome }) };
  });
  const floors = measures.filter(({ name }) => name.startsWith('floor: '));
  return floors.flatMap((floor) => [floor, ...lines.filter(({ group }) => group === floor.group)]);
}
