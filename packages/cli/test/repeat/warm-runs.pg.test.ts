import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import { populate, unstampedEdit } from '@totesys/sandbox';
import { storeWith } from '../../../lake/test/store-with.ts';
import { createPipeline, expectEqual, type Pipeline } from '../../../system-tests/test/pipeline.ts';
import { prepareRunEvery } from '../../src/commands/run-every.ts';
import { createContext } from '../../src/process/command-context.ts';
import { Interrupted } from '../../src/process/interrupted.ts';
import { repeatCommand } from '../../src/repeat/repeat-command.ts';
import type { Clock } from '../../src/repeat/repeat-runs.ts';
import { openTerminal } from '../../src/terminal/terminal.ts';

let pipeline: Pipeline;

beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(pipeline.source.sql, { seed: 5, salesOrders: 30, purchaseOrders: 10 });
});

afterEach(() => pipeline.close());

/** Repeats `totesys run` in this process without pauses until `afterRun` returns false; returns the lines of stdout. */
async function repeat(
  afterRun: (run: number, sessions: () => Promise<number>) => Promise<boolean>,
  ingestion = pipeline.ingestion,
): Promise<{ lines: string[]; logged: string[] }> {
  const [lines, logged]: string[][] = [[], []];
  const interruption = new AbortController();
  const { source, warehouse, lake } = pipeline;
  const places = {
    source: source.url,
    warehouse: warehouse.url,
    ingestion: `${lake}/ingestion`,
    processed: `${lake}/processed`,
  };
  const terminal = {
    ...openTerminal({ json: false, verbose: false }),
    print: (line: string) => void lines!.push(line),
    log: (line: string) => void logged!.push(line),
  };
  const context = { ...createContext(places, terminal, interruption.signal), ingestion: () => ingestion };
  const sessions = async () => {
    const [row] = await source.sql`
      select count(*)::int as open from pg_stat_activity where application_name = 'totesys'`;
    return Number(row?.open);
  };
  let runs = 0;
  const clock: Clock = {
    now: () => performance.now(),
    random: () => 0,
    wait: async (_timeMs, signal) => {
      if (!(await afterRun(++runs, sessions))) interruption.abort();
      signal.throwIfAborted();
    },
  };
  try {
    const command = { prepare: prepareRunEvery, intervalMs: 100, reportsIdle: false };
    await expect(repeatCommand(context, command, clock)).rejects.toBeInstanceOf(Interrupted);
  } finally {
    await context.close();
  }
  return { lines: lines!, logged: logged! };
}

/** The memory in use after a full collection, and what would keep a process alive or slow it down. */
function measureProcess() {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return {
    heapBytes: process.memoryUsage().heapUsed,
    resources: process.getActiveResourcesInfo().filter((kind) => kind !== 'Timeout').length,
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
  };
}

/** Heap that some hundred idle runs may leave: caches of the engine. One leaked run would leave more than its share. */
const GROWTH_BYTES = 3_000_000;
/** Connections of the two pools of a command. */
const MOST_CONNECTIONS = 8;
const FIRST_RUN = 40;
const LAST_RUN = 240;
/** A run takes 0.05 s on an idle machine, and some times that on a busy one. */
const LIMIT_MS = 300_000;

test(
  'hundreds of runs keep their connections, and neither memory nor sockets nor listeners grow',
  async () => {
    const measured: (ReturnType<typeof measureProcess> & { sessions: number })[] = [];
    const { lines } = await repeat(async (run, sessions) => {
      if (run % 75 === 0) await pipeline.source.sql.begin((sql) => unstampedEdit(sql));
      if (run === FIRST_RUN || run === LAST_RUN) measured.push({ ...measureProcess(), sessions: await sessions() });
      return run < LAST_RUN;
    });
    const [first, last] = measured;
    // Connections that idle runs do not use are closed and opened again, so only their most is certain.
    expect(last!.sessions).toBeLessThanOrEqual(MOST_CONNECTIONS);
    expect(last!.resources).toBeLessThanOrEqual(first!.resources + MOST_CONNECTIONS);
    expect(last!.listeners).toBeLessThanOrEqual(first!.listeners);
    expect(last!.heapBytes - first!.heapBytes).toBeLessThan(GROWTH_BYTES);
    // The first load and three changes; the idle runs have no line.
    expect(lines).toHaveLength(4);
    await expectEqual(pipeline);
  },
  LIMIT_MS,
);

test('a store that cannot be reached for a while delays the change, and loses nothing', async () => {
  let isDown = false;
  const unreachable = () => new PipelineError(ErrorCode.STORE_UNUSABLE, 'Store s3://lake: S3 cannot be reached.');
  const ingestion = storeWith(pipeline.ingestion, {
    find: async (key) => {
      if (isDown) throw unreachable();
      return pipeline.ingestion.find(key);
    },
  });
  const { lines, logged } = await repeat(async (run) => {
    if (run === 1) {
      isDown = true;
      await pipeline.source.sql.begin((sql) => unstampedEdit(sql));
    }
    if (run === 4) isDown = false;
    return run < 6;
  }, ingestion);
  expect(lines.map((line) => /(batch \d+): 1 row/.exec(line)?.[1])).toEqual([undefined, 'batch 2']);
  // In each of the three failed runs, ingest and transform read that lake.
  expect(logged).toHaveLength(6);
  expect(logged[0]).toMatch(/^\S+Z {2}totesys: Store s3:\/\/lake: S3 cannot be reached\. The next run starts in /);
  await expectEqual(pipeline);
});
