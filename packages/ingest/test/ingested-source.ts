import {
  decodeParquet,
  type IngestionManifest,
  memoryStore,
  readIngestionManifest,
  type Store,
  writeRequest,
} from '@totesys/lake';
import { connect, type HolderLimits, type Sql, type StageTelemetry, silentTelemetry } from '@totesys/runtime';
import { createTestDatabase, type TestDatabase } from '@totesys/sandbox';
import { type Model, totesysModel } from '@totesys/schema';
import { type IngestResult, ingest, type RunMemory } from '../src/ingest.ts';

/** What a quarantine part holds of one value. */
export interface Quarantined {
  readonly key: number;
  readonly column: string;
  readonly reason: string;
  readonly text: string | null;
}

/** A small totesys, 100 orders, with a lake in memory that ingest reads it into. */
export interface IngestedSource {
  readonly database: TestDatabase;
  /** The connections by which ingest reads it. */
  readonly reader: Sql;
  /** The lake; another may take its place. */
  store: Store;
  /** Adds orders with the ids from `from` to `to`. */
  orders(from: number, to: number): Promise<unknown>;
  run(options?: RunOptions): Promise<IngestResult>;
  /** Runs until nothing is left to read; returns each result. */
  runAll(options?: RunOptions): Promise<IngestResult[]>;
  /** The keys that a batch carries of a table in that role, in order. */
  keysOf(batch: number, table: string, role?: Role): Promise<number[]>;
  /**
   * The keys that all batches carry of a table in that role, from the batch numbered `first` on, in the order of the
   * batches.
   */
  carried(table: string, role?: Role, first?: number): Promise<number[]>;
  /** Requests the rows with these keys from the next run; returns the id of the request. */
  ask(table: string, ...keys: [number, number][]): Promise<string>;
  quarantined(batch: number, table: string): Promise<Quarantined[]>;
  objectKeys(): Promise<string[]>;
  newest(): Promise<IngestionManifest>;
  close(): Promise<void>;
}

type Role = 'changed' | 'context' | 'lookup' | 'deleted';

interface RunOptions {
  readonly batchRows?: number;
  readonly coveringRows?: number;
  readonly deadlineMs?: number;
  readonly model?: Model;
  readonly telemetry?: StageTelemetry<'ingest'>;
  readonly source?: Sql;
  readonly holderLimits?: HolderLimits;
  readonly memory?: RunMemory;
}

const NO_DEADLINE = Number.MAX_SAFE_INTEGER;

const ROWS = `
  insert into address (address_id, address_line_1, city, postal_code, country, phone, created_at, last_updated)
    select g, 'line ' || g, 'city', '0' || g, 'country', '1', now(), now() from generate_series(1, 30) g;
  insert into counterparty (counterparty_id, counterparty_legal_name, legal_address_id, created_at, last_updated)
    select g, 'party ' || g, g, now(), now() from generate_series(1, 20) g;
  insert into currency (currency_id, currency_code, created_at, last_updated) values (1, 'GBP', now(), now());
  insert into department (department_id, department_name, location, created_at, last_updated)
    select g, 'department ' || g, 'Leeds', now(), now() from generate_series(1, 4) g;
  insert into design (design_id, design_name, file_location, file_name, created_at, last_updated)
    select g, 'design ' || g, '/a', 'b', now(), now() from generate_series(1, 5) g;
  insert into staff (staff_id, first_name, last_name, department_id, email_address, created_at, last_updated)
    select g, 'first', 'last', 1 + g % 4, 'e', now(), now() from generate_series(1, 8) g;
  insert into payment_type (payment_type_id, payment_type_name, created_at, last_updated) values (1, 'SALES_RECEIPT', now(), now())`;

/** Makes the source, by default on the test run's server, and its empty lake; the caller closes it. */
export async function createIngestedSource(given?: TestDatabase): Promise<IngestedSource> {
  const database = given ?? (await createTestDatabase({ totesys: true }));
  const reader = await connect(database.url, { subject: 'source', connections: 4, applicationName: 'test' });
  await database.sql.unsafe(ROWS);
  const run = ({ batchRows = 1_000_000, coveringRows, deadlineMs = NO_DEADLINE, ...given }: RunOptions = {}) =>
    ingest({
      model: totesysModel,
      source: reader,
      telemetry: silentTelemetry,
      ...given,
      ingestion: ingested.store,
      limits: { batchRows, deadlineMs, ...(coveringRows !== undefined && { coveringRows }) },
      codeVersion: 'test',
    });
  const objectKeys = async () => {
    const keys: string[] = [];
    for await (const { key } of ingested.store.list('')) keys.push(key);
    return keys;
  };
  const ingested: IngestedSource = {
    database,
    reader,
    store: memoryStore(),
    orders: (from, to) =>
      database.sql.unsafe(
        `insert into sales_order (sales_order_id, design_id, staff_id, counterparty_id, units_sold, unit_price, currency_id,
           agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id, created_at, last_updated)
         select g, 1, 1, 1, g, 1.5, 1, '2023-01-01', '2023-01-02', 1, now(), now() from generate_series($1::int, $2::int) g`,
        [from, to],
      ),
    run,
    runAll: async (options) => {
      const results: IngestResult[] = [];
      while (results.length < 500) {
        const result = await run(options);
        results.push(result);
        if (result.outcome !== 'committed' || result.complete) return results;
      }
      throw new Error('Ingest came to no end.');
    },
    keysOf: async (batch, table, role = 'changed') => {
      const { manifest } = await readIngestionManifest(ingested.store, batch);
      const parts = role === 'deleted' ? manifest.deleted : manifest.parts.filter((part) => part.role === role);
      const keys: number[] = [];
      for (const part of parts.filter((part) => part.table === table)) {
        for (const rows of decodeParquet(await ingested.store.get(part.key)))
          keys.push(...rows.getChild(`${table}_id`)!.toArray());
      }
      return keys.sort((a, b) => a - b);
    },
    carried: async (table, role, first = 1) => {
      const keys: number[] = [];
      for (let batch = first; batch <= (await ingested.newest()).batch; batch++) {
        keys.push(...(await ingested.keysOf(batch, table, role)));
      }
      return keys;
    },
    ask: (table, ...keys) =>
      writeRequest(ingested.store, { kind: 'read', reason: 'repair', tables: [{ table, keys }] }),
    quarantined: async (batch, table) => {
      const { manifest } = await readIngestionManifest(ingested.store, batch);
      const values: Quarantined[] = [];
      for (const part of manifest.quarantined.filter((part) => part.table === table)) {
        for (const rows of decodeParquet(await ingested.store.get(part.key))) {
          for (const row of rows) {
            const { key, column, reason, text } = row!.toJSON();
            values.push({ key: Number(key), column, reason, text });
          }
        }
      }
      return values;
    },
    objectKeys,
    newest: async () => {
      const manifests = (await objectKeys()).filter((key) => key.startsWith('_manifests/'));
      return (await readIngestionManifest(ingested.store, manifests.length)).manifest;
    },
    close: async () => {
      await reader.end();
      await database.drop();
    },
  };
  await ingested.orders(1, 100);
  return ingested;
}
