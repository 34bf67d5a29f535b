import { manifestKey, type Store } from '@totesys/lake';
import { connect, type Sql, silentTelemetry } from '@totesys/runtime';
import { populate, unstampedEdit } from '@totesys/sandbox';
import { totesysModel } from '@totesys/schema';
import { transform } from '@totesys/transform';
import type { CommandContext } from '../../src/command-context.ts';
import { loadInCompany } from '../../src/commands/load-once.ts';
import { createPipeline, type Pipeline } from '../pipeline.ts';

/** The lock that lets one load at a time at a warehouse. */
const LOAD_LOCK = '8389772276738093431';

let pipeline: Pipeline;
let warehouse: Sql;

beforeEach(async () => {
  pipeline = await createPipeline();
  warehouse = await connect(pipeline.warehouse.url, { subject: 'warehouse', connections: 2, applicationName: 'test' });
  await populate(pipeline.source.sql, { seed: 5, salesOrders: 30, purchaseOrders: 10 });
  await pipeline.run();
  for (let batch = 2; batch <= 3; batch++) {
    await pipeline.source.sql.begin((sql) => unstampedEdit(sql));
    await pipeline.ingest();
  }
});

afterEach(async () => {
  await warehouse.end({ timeout: 1 });
  await pipeline.close();
});

// Another load comes in between two batches, and is done once it is heard that it is waited for.
function withCompanyBefore(batch: number) {
  const said: string[] = [];
  let other: Awaited<ReturnType<typeof pipeline.warehouse.sql.reserve>> | undefined;
  const processed: Store = {
    ...bound(pipeline.processed),
    find: async (key) => {
      if (key === manifestKey(batch) && !other) {
        other = await pipeline.warehouse.sql.reserve();
        await other.unsafe(`select pg_advisory_lock(${LOAD_LOCK})`);
      }
      return pipeline.processed.find(key);
    },
  };
  const leave = () => other?.unsafe(`select pg_advisory_unlock(${LOAD_LOCK})`).then(() => other?.release());
  const context: CommandContext = {
    model: totesysModel,
    places: {},
    options: {},
    interrupted: new AbortController().signal,
    terminal: {
      say: (line) => void said.push(line),
      complain: (line) => {
        said.push(line);
        // It works on for some looks more: what yields meanwhile says nothing new.
        setTimeout(() => void leave(), 1_000);
      },
      answer: () => {},
      clearBars: () => {},
      telemetryOf: () => silentTelemetry,
    },
    source: () => Promise.reject(new Error('Load knows no source.')),
    warehouse: async () => warehouse,
    ingestion: () => pipeline.ingestion,
    processed: () => processed,
    close: async () => {},
  };
  return { context, said };
}

function bound(store: Store): Store {
  return {
    uri: store.uri,
    putIfAbsent: (key, body) => store.putIfAbsent(key, body),
    find: (key) => store.find(key),
    get: (key) => store.get(key),
    getRange: (key, start, end) => store.getRange(key, start, end),
    list: (prefix, options) => store.list(prefix, options),
  };
}

test('what was loaded before another load came in between counts, and that it is waited for is said once', async () => {
  const { ingestion, processed } = pipeline;
  await transform({ model: totesysModel, telemetry: silentTelemetry, ingestion, processed }, 'newest');
  const { context, said } = withCompanyBefore(3);
  expect(await loadInCompany(context)).toMatchObject({ outcome: 'loaded', batches: [2, 3], rows: 2 });
  expect(said).toEqual([
    'another load is at work on this warehouse; waiting up to 60 s …',
    'load       batches 2-3: 2 rows, 0 held',
  ]);
});
