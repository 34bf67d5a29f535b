import { manifestKey, readIngestionManifest, type Store } from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import { populate, until } from '@totesys/sandbox';
import { storeWith } from '../../../lake/test/store-with.ts';
import { createPipeline, expectEqual, type Pipeline } from '../../../system-tests/test/pipeline.ts';
import { runBeside } from '../../src/commands/run.ts';
import type { CommandResult } from '../../src/process/command.ts';
import { type CommandContext, createContext } from '../../src/process/command-context.ts';
import { openTerminal } from '../../src/terminal/terminal.ts';

/** Makes a first load of the source a series of batches. */
const COVERING_ROWS = 50;
const FAULT = new PipelineError(ErrorCode.OBJECT_CORRUPT, 'Part is damaged.');

/** What happens while the command runs. */
interface Events {
  /** Before load reads a part of the batch with this number. */
  readonly beforePart?: (batch: number) => Promise<unknown>;
  /** Before ingest commits the batch with this number. */
  readonly beforeManifest?: (batch: number) => Promise<unknown>;
  /** After ingest has committed the batch with this number. */
  readonly afterManifest?: (batch: number) => Promise<unknown>;
}

let pipeline: Pipeline;
let said: string[];

beforeEach(async () => {
  said = [];
  pipeline = await createPipeline();
  await populate(pipeline.source.sql, { seed: 5, salesOrders: 60, purchaseOrders: 30 });
});

afterEach(() => pipeline.close());

async function run(events: Events = {}): Promise<CommandResult> {
  const context = contextOf(new AbortController().signal);
  try {
    return await runBeside(withEvents(context, events), COVERING_ROWS);
  } finally {
    await context.close();
  }
}

function contextOf(interrupted: AbortSignal): CommandContext {
  const { source, warehouse, lake } = pipeline;
  const places = {
    source: source.url,
    warehouse: warehouse.url,
    ingestion: `${lake}/ingestion`,
    processed: `${lake}/processed`,
  };
  const terminal = openTerminal({ json: false, verbose: false });
  const log = (line: string) => void said.push(line);
  return createContext(places, { ...terminal, print: () => {}, log }, interrupted);
}

function withEvents(context: CommandContext, { beforePart, beforeManifest, afterManifest }: Events): CommandContext {
  const ingestion = storeWith(pipeline.ingestion, {
    putIfAbsent: async (key, body) => {
      const batch = numberIn(key, /^_manifests\/(\d+)/);
      if (batch !== undefined) await beforeManifest?.(batch);
      const outcome = await pipeline.ingestion.putIfAbsent(key, body);
      if (batch !== undefined) await afterManifest?.(batch);
      return outcome;
    },
  });
  const processed = storeWith(pipeline.processed, {
    get: async (key) => {
      const batch = numberIn(key, /\/batch=(\d+)\//);
      if (batch !== undefined) await beforePart?.(batch);
      return pipeline.processed.get(key);
    },
  });
  return { ...context, ingestion: () => ingestion, processed: () => processed };
}

function numberIn(key: string, pattern: RegExp): number | undefined {
  const digits = pattern.exec(key)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

const committed = (lake: Store, batch: number) => until(`batch ${batch}`, () => lake.find(manifestKey(batch)));

test('a batch of a first load is loaded while the next one is read, and changes between them arrive', async () => {
  const { sql } = pipeline.source;
  const result = await run({
    afterManifest: async (batch) => {
      if (batch > 2) return;
      await sql`update address set city = ${`moved ${batch}`} where address_id = 1`;
      await sql`update sales_order set units_sold = units_sold + 1 where sales_order_id = ${10 + batch}`;
      await sql`delete from sales_order where sales_order_id = ${batch}`;
    },
    beforePart: async (batch) => {
      if (batch === 1) await committed(pipeline.ingestion, 2);
    },
  });
  const batches = result.batches as number[];
  expect(batches.length).toBeGreaterThan(2);
  expect(result).toMatchObject({ ok: true, outcome: 'done', loaded: batches, held: 0 });
  await expectEqual(pipeline);
});

test('a last table without rows is covered by a batch without rows', async () => {
  const { sql } = pipeline.source;
  await sql`delete from payment`;
  // So many that the batch before ends with this table.
  await sql`insert into payment_type select id, 'SALES_REFUND', now(), now() from generate_series(5, 60) id`;
  const { batches, loaded } = await run();
  expect(loaded).toEqual(batches);
  const { manifest } = await readIngestionManifest(pipeline.ingestion, (batches as number[]).at(-1)!);
  expect(manifest).toMatchObject({ parts: [], deleted: [], tables: { payment: { coverage: 'full' } } });
  expect(await run()).toMatchObject({ outcome: 'unchanged' });
  await expectEqual(pipeline);
});

test('a load that fails ends the run with its error, and the next run continues', async () => {
  await expect(run({ beforePart: () => Promise.reject(FAULT) })).rejects.toBe(FAULT);
  expect(said).toEqual([]);
  expect(await run()).toMatchObject({ ok: true, outcome: 'done' });
  await expectEqual(pipeline);
});

test('a load in progress ends before an error of ingest ends the run', async () => {
  let fail = () => {};
  const failed = new Promise<void>((resolve) => {
    fail = resolve;
  });
  const events: Events = {
    beforePart: () => failed,
    beforeManifest: async (batch) => {
      if (batch === 1) return;
      fail();
      throw FAULT;
    },
  };
  await expect(run(events)).rejects.toBe(FAULT);
  const { batches, loaded } = await run();
  expect(loaded).toEqual(batches);
  await expectEqual(pipeline);
});

test('if a load fails after ingest, both errors are reported', async () => {
  const events: Events = {
    beforePart: () => Promise.reject(new PipelineError(ErrorCode.OBJECT_MISSING, 'Part is missing.')),
    beforeManifest: async (batch) => {
      if (batch > 1) throw FAULT;
    },
  };
  await expect(run(events)).rejects.toBe(FAULT);
  expect(said).toEqual(['totesys: Part is missing.']);
});

test('a warehouse that ends the session of a load ends the run, and the next run continues', async () => {
  const endSessions = () => pipeline.warehouse.sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'totesys'`;
  await expect(run({ beforePart: endSessions })).rejects.toMatchObject({ code: ErrorCode.CONNECTION_FAILED });
  expect(await run()).toMatchObject({ ok: true, outcome: 'done' });
  await expectEqual(pipeline);
});

test('an interruption during a load ends the run, and the next run continues', async () => {
  const interruption = new AbortController();
  const context = contextOf(interruption.signal);
  const running = runBeside(
    withEvents(context, {
      beforePart: async () => {
        await committed(pipeline.ingestion, 2);
        interruption.abort();
        // As executeCommand does: every statement in progress fails.
        await context.close();
      },
    }),
    COVERING_ROWS,
  );
  await expect(running).rejects.toThrow();
  expect(said).toEqual([]);
  expect(await run()).toMatchObject({ ok: true, outcome: 'done' });
  await expectEqual(pipeline);
});
