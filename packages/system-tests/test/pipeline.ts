import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IngestResult, ingest } from '@totesys/ingest';
import { type Coverage, findNewestBatch, openStore, readIngestionManifest, type Store } from '@totesys/lake';
import { load } from '@totesys/load';
import { connect, type Sql, silentTelemetry } from '@totesys/runtime';
import { createTestDatabase, type TestDatabase } from '@totesys/sandbox';
import { type Model, totesysModel } from '@totesys/schema';
import { transform } from '@totesys/transform';
import { expectedWarehouse } from './expected-warehouse.ts';

/** A test that comes to no end says so by then. */
const MAX_RUNS = 500;

/** A source, a lake in a folder and a warehouse, with the three stages between them. */
export interface Pipeline {
  /** The source that ingest reads now. */
  readonly source: TestDatabase;
  readonly warehouse: TestDatabase;
  readonly ingestion: Store;
  readonly processed: Store;
  readonly lake: string;
  /** The environment variables that name source, warehouse and lake to the command. */
  readonly places: Record<string, string>;
  /** Reads the source into the pipeline's lake, or into another. */
  ingest(batchRows?: number, lake?: Store): Promise<IngestResult>;
  /** Has ingest read another source, or the same one as another role, from now on. */
  follow(source: TestDatabase): Promise<void>;
  /** Has all stages work by another version of the model from now on. */
  learn(model: Model): void;
  /** Has load write as another role from now on; the caller ends its connections. */
  loadAs(role: Sql): void;
  transformAndLoad(): Promise<void>;
  /** All three stages until nothing is left. */
  run(batchRows?: number): Promise<void>;
  /** Every object of the lake. */
  objects(): Promise<string[]>;
  close(): Promise<void>;
}

/**
 * Makes a pipeline with the given source, else an empty totesys database; the caller closes it, and with it every
 * source that it followed.
 */
export async function createPipeline(model: Model = totesysModel, given?: TestDatabase): Promise<Pipeline> {
  const sources = [given ?? (await createTestDatabase({ totesys: true }))];
  const warehouse = await createTestDatabase();
  const lake = await mkdtemp(join(tmpdir(), 'lake-'));
  const ingestion = openStore(join(lake, 'ingestion'));
  const processed = openStore(join(lake, 'processed'));
  const options = { connections: 4, applicationName: 'pipeline-test' };
  const readers: Sql[] = [await connect(sources[0]!.url, { ...options, subject: 'source' })];
  const owner: Sql = await connect(warehouse.url, { ...options, subject: 'warehouse' });
  const shared = { model, telemetry: silentTelemetry };
  let writer = owner;
  const limits = { batchRows: 1_000_000, deadlineMs: Number.MAX_SAFE_INTEGER };
  const pipeline: Pipeline = {
    get source() {
      return sources.at(-1)!;
    },
    warehouse,
    ingestion,
    processed,
    lake,
    get places() {
      return { SOURCE_URL: pipeline.source.url, WAREHOUSE_URL: warehouse.url, LAKE: lake };
    },
    ingest: (batchRows = limits.batchRows, lake = ingestion) =>
      ingest({
        ...shared,
        source: readers.at(-1)!,
        ingestion: lake,
        limits: { ...limits, batchRows },
        codeVersion: 'test',
      }),
    follow: async (source) => {
      if (!sources.includes(source)) sources.push(source);
      else sources.push(...sources.splice(sources.indexOf(source), 1));
      readers.push(await connect(source.url, { ...options, subject: 'source' }));
    },
    learn: (newer) => {
      shared.model = newer;
    },
    loadAs: (role) => {
      writer = role;
    },
    transformAndLoad: async () => {
      await transform({ ...shared, ingestion, processed }, 'newest');
      await load({ ...shared, warehouse: writer, processed });
    },
    run: async (batchRows) => {
      for (let isComplete = false, runs = 0; !isComplete; runs++) {
        if (runs === MAX_RUNS) throw new Error('Ingest came to no end.');
        const result = await pipeline.ingest(batchRows);
        isComplete = result.outcome !== 'committed' || result.complete;
      }
      await pipeline.transformAndLoad();
    },
    objects: async () => {
      const entries = await readdir(lake, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort();
    },
    close: async () => {
      await Promise.all([...readers, owner].map((sql) => sql.end({ timeout: 5 })));
      // A role goes before the database in which it has rights.
      for (const source of sources.reverse()) await source.drop();
      await warehouse.drop();
      await rm(lake, { recursive: true });
    },
  };
  return pipeline;
}

/**
 * Expects the warehouse's current state to be what plain SQL computes from the source: all tables, all columns. A
 * dimension row is
 * never deleted, so dimensions may have more rows than the source if `deletes` is true.
 */
export async function expectEqual(
  pipeline: Pick<Pipeline, 'source' | 'warehouse'>,
  options: { deletes?: boolean } = {},
): Promise<void> {
  for (const { table, source, warehouse } of expectedWarehouse) {
    const expected = await pipeline.source.sql.unsafe(source).values();
    const keys = new Set(expected.map(([key]) => key));
    const mayHaveMore = options.deletes === true && table.startsWith('dim_');
    const actual = (await pipeline.warehouse.sql.unsafe(warehouse).values()).filter(
      ([key]) => !mayHaveMore || keys.has(key),
    );
    expect({ table, rows: actual.length }).toEqual({ table, rows: expected.length });
    const differs = expected.findIndex((row, i) => JSON.stringify(row) !== JSON.stringify(actual[i]));
    expect({ table, row: actual[differs] }).toEqual({ table, row: expected[differs] });
  }
}

/** How far ingest has covered each table, by the newest manifest. */
export async function readCoverage({ ingestion }: Pipeline): Promise<Record<string, Coverage>> {
  const { manifest } = await readIngestionManifest(ingestion, await findNewestBatch(ingestion));
  return Object.fromEntries(Object.entries(manifest.tables).map(([table, { coverage }]) => [table, coverage]));
}

/** Runs ingest with a small budget until a table is covered in part, through at least the given key. */
export async function coverInPart(
  pipeline: Pipeline,
  table: string,
  through: number,
  batchRows: number,
): Promise<void> {
  for (let run = 0; run < MAX_RUNS; run++) {
    await pipeline.ingest(batchRows);
    const coverage = (await readCoverage(pipeline))[table];
    if (typeof coverage === 'object' && coverage.through >= through) return;
    if (coverage === 'full') break;
  }
  throw new Error(`Table ${table} was never covered in part through ${through}.`);
}

/** Where each row of the warehouse lies and which transaction wrote it: equal means that nothing was touched. */
export async function physicalState(pipeline: Pipeline): Promise<string[]> {
  const tables = await pipeline.warehouse.sql`
    select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'etl') order by 1`;
  const state: string[] = [];
  for (const { name } of tables) {
    const [row] = await pipeline.warehouse.sql.unsafe(
      `select count(*) || ' ' || coalesce(md5(string_agg(ctid::text || xmin::text, ',' order by ctid)), '') as ` +
        `state from ${name}`,
    );
    state.push(`${name} ${row?.state}`);
  }
  return state;
}
