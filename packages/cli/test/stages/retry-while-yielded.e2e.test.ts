import { manifestKey } from '@totesys/lake';
import { connect, type Sql, silentTelemetry } from '@totesys/runtime';
import { populate, unstampedEdit } from '@totesys/sandbox';
import { totesysModel } from '@totesys/schema';
import { transform } from '@totesys/transform';
import { storeWith } from '../../../lake/test/store-with.ts';
import { createPipeline, type Pipeline } from '../../../system-tests/test/pipeline.ts';
import type { CommandContext } from '../../src/process/command-context.ts';
import { runLoadInTurn } from '../../src/stages/run-load.ts';

/** The lock that lets one load at a time at a warehouse. */
const LOAD_LOCK = '8389772276738093431';
const LOOKS = 4;

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

// Before a batch another load takes the lock and releases it after some tries; those tries report nothing new.
function withCompanyBefore(batch: number) {
  const said: string[] = [];
  let other: Awaited<ReturnType<typeof pipeline.warehouse.sql.reserve>> | undefined;
  let looks = 0;
  const processed = storeWith(pipeline.processed, {
    find: async (key) => {
      if (key !== manifestKey(batch)) return pipeline.processed.find(key);
      looks++;
      if (looks === 1) {
        other = await pipeline.warehouse.sql.reserve();
        await other.unsafe(`select pg_advisory_lock(${LOAD_LOCK})`);
      }
      if (looks === LOOKS) {
        await other?.unsafe(`select pg_advisory_unlock(${LOAD_LOCK})`);
        other?.release();
      }
      return pipeline.processed.find(key);
    },
  });
  const context: CommandContext = {
    model: totesysModel,
    places: {},
    options: {},
    interrupted: new AbortController().signal,
    terminal: {
      print: (line) => void said.push(line),
      log: (line) => void said.push(line),
      printJson: () => {},
      printJsonLine: () => {},
      clearBars: () => {},
      telemetryOf: () => silentTelemetry,
    },
    source: () => Promise.reject(new Error('Load knows no source.')),
    warehouse: async () => warehouse,
    ingestion: () => pipeline.ingestion,
    processed: () => processed,
    iceberg: () => {
      throw new Error('Load knows no Iceberg tables.');
    },
    reset: async () => {},
    close: async () => {},
  };
  return { context, said };
}

test('batches that were loaded before another load came in between count, and waiting is reported once', async () => {
  const { ingestion, processed } = pipeline;
  await transform({ model: totesysModel, telemetry: silentTelemetry, ingestion, processed }, 'newest');
  const { context, said } = withCompanyBefore(3);
  expect(await runLoadInTurn(context)).toMatchObject({ outcome: 'loaded', batches: [2, 3], rows: 2 });
  expect(said).toEqual([
    expect.stringMatching(
      /^another load is at work on this warehouse \(.*process \d+, since .* UTC\); waiting up to 60 s …$/,
    ),
    'load       batches 2-3: 2 rows, 0 held',
  ]);
});
