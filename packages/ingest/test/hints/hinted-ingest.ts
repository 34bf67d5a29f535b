import { decodeParquet, type IngestionManifest, memoryStore, readIngestionManifest, type Store } from '@totesys/lake';
import { type Sql, silentTelemetry } from '@totesys/runtime';
import type { Cluster } from '@totesys/sandbox';
import { totesysModel } from '@totesys/schema';
import {
  createHintedSource,
  type HintedSource,
  startHintedCluster,
} from '../../../source/test/hints/hinted-cluster.ts';
import { type HintMode, type IngestResult, ingest, type RunMemory } from '../../src/ingest.ts';

/** What one run of ingest did, and what it reported of its hint. */
export interface Tick {
  readonly result: IngestResult;
  readonly metrics: Readonly<Record<string, number>>;
  /** Why the hint was refused; undefined if it was trusted. */
  readonly refused: string | undefined;
  /** The keys that the batch carries or deletes, by table; empty if there is no batch. */
  readonly changes: Readonly<Record<string, readonly number[]>>;
}

/** What one run is given; by default the mode, the lake and the pool of the source, and no memory. */
export interface TickOptions {
  readonly mode?: HintMode;
  readonly store?: Store;
  readonly auditMs?: number;
  readonly batchRows?: number;
  readonly memory?: RunMemory;
  readonly source?: Sql;
}

/** A source with hints, and a lake in memory that ingest reads it into. */
export interface HintedIngest {
  readonly source: HintedSource;
  readonly store: Store;
  tick(options?: TickOptions): Promise<Tick>;
  /** Runs until a hint is trusted: a batch for the position, and one for the transactions before it. */
  arm(): Promise<void>;
  newest(): Promise<IngestionManifest>;
  /** Where the slot has everything from. */
  confirmed(): Promise<bigint>;
  close(): Promise<void>;
}

const ROWS = `
  insert into currency (currency_id, currency_code, created_at, last_updated)
    select g, 'GBP', now(), now() from generate_series(1, 20) g;
  insert into design (design_id, design_name, file_location, file_name, created_at, last_updated)
    select g, 'name', '/a', 'b', now(), now() from generate_series(1, 20) g;
  insert into address (address_id, address_line_1, city, postal_code, country, phone, created_at, last_updated)
    select g, 'line', 'city', '0', 'country', '1', now(), now() from generate_series(1, 20) g;
  insert into counterparty (counterparty_id, counterparty_legal_name, legal_address_id, created_at, last_updated)
    select g, 'party', g, now(), now() from generate_series(1, 20) g;
  insert into department (department_id, department_name, location, created_at, last_updated)
    select g, 'department', 'Leeds', now(), now() from generate_series(1, 5) g`;

/** Sets hints up on a new database of the cluster, with some rows, after the statements of `prepare`. */
export async function createHintedIngest(
  cluster: Cluster,
  mode: HintMode,
  prepare: readonly string[] = [],
): Promise<HintedIngest> {
  const source = await createHintedSource(cluster, 'totesys');
  await source.run(ROWS, ...prepare);
  await source.setUp();
  const ingested: HintedIngest = {
    source,
    store: memoryStore(),
    tick: async ({
      mode: other = mode,
      store = ingested.store,
      auditMs,
      memory,
      batchRows = 1_000_000,
      source: pool = source.reader,
    } = {}) => {
      const metrics: Record<string, number> = {};
      let refused: string | undefined;
      const note = (event: string, fields: Readonly<Record<string, unknown>> = {}) => {
        if (event === 'hint:refused') refused = String(fields.reason);
      };
      const result = await ingest({
        model: totesysModel,
        source: pool,
        ingestion: store,
        telemetry: {
          ...silentTelemetry,
          info: note,
          warn: note,
          metric: (name, value) => {
            metrics[name] = value;
          },
        },
        limits: { batchRows, deadlineMs: Number.MAX_SAFE_INTEGER },
        codeVersion: 'test',
        hints: other,
        ...(auditMs !== undefined && { hintAuditMs: auditMs }),
        ...(memory && { memory }),
      });
      const changes = result.outcome === 'committed' ? await readBatchKeys(ingested.store, result.batch) : {};
      return { result, metrics, refused, changes };
    },
    arm: async () => {
      for (let batch = 0; batch < 3; batch++) {
        await source.run('update department set last_updated = now() where department_id = 1');
        const { refused } = await ingested.tick();
        if (refused === undefined) return;
      }
      throw new Error('The hints are not armed.');
    },
    newest: async () => {
      let newest = 0;
      for await (const { key } of ingested.store.list('_manifests/')) newest = Number(/(\d+)\.json$/.exec(key)![1]);
      return (await readIngestionManifest(ingested.store, newest)).manifest;
    },
    confirmed: async () => {
      const [row] = await source.sql<{ at: string }[]>`
        select (confirmed_flush_lsn - '0/0')::text as at from pg_replication_slots where slot_name = 'totesys_hints'`;
      return BigInt(row!.at);
    },
    close: () => source.drop(),
  };
  return ingested;
}

/** Returns the keys that a batch carries as changed or deletes, by table. */
export async function readBatchKeys(store: Store, batch: number): Promise<Record<string, number[]>> {
  const { manifest } = await readIngestionManifest(store, batch);
  const found: Record<string, number[]> = {};
  for (const part of [...manifest.parts.filter(({ role }) => role === 'changed'), ...manifest.deleted]) {
    for (const rows of decodeParquet(await store.get(part.key))) {
      found[part.table] ??= [];
      found[part.table]!.push(...rows.getChild(`${part.table}_id`)!.toArray());
    }
  }
  for (const keys of Object.values(found)) keys.sort((a, b) => a - b);
  return found;
}

/** Starts a cluster for a suite, and makes a source with hints and its lake on it for each test. */
export function eachHintedIngest(
  mode: HintMode,
  settings: Record<string, string | number> = {},
): { readonly ingested: HintedIngest } {
  let cluster: Cluster;
  let ingested: HintedIngest;
  beforeAll(async () => {
    cluster = await startHintedCluster(settings);
  });
  afterAll(() => cluster.stop());
  beforeEach(async () => {
    ingested = await createHintedIngest(cluster, mode);
  });
  afterEach(() => ingested.close());
  return {
    get ingested() {
      return ingested;
    },
  };
}
