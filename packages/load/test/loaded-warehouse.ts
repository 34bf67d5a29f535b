import { memoryStore, type Store } from '@totesys/lake';
import { connect, type Sql, silentTelemetry } from '@totesys/runtime';
import { createTestDatabase, type TestDatabase } from '@totesys/sandbox';
import { totesysModel } from '@totesys/schema';
import { type LoadDeps, type LoadResult, load } from '../src/load.ts';
import { type BatchSpec, type Row, writeBatch } from './processed-batch.ts';

/** A warehouse, empty at first, and the processed lake in memory that load reads. */
export interface LoadedWarehouse {
  readonly database: TestDatabase;
  /** The pool that load uses. */
  readonly sql: Sql;
  store: Store;
  /** Replaces the lake by an empty one. */
  restart(): void;
  /** Commits the next batch to the lake. */
  write(spec: BatchSpec): Promise<void>;
  run(options?: Partial<LoadDeps>): Promise<LoadResult>;
  /** Commits the next batch and loads it. */
  bring(spec: BatchSpec): Promise<LoadResult>;
  /** Opens another pool, for that role or the superuser; `close` ends it. */
  connect(role?: TestDatabase): Promise<Sql>;
  /** Returns the units sold of each version of an order, the oldest first. */
  versions(order: number): Promise<number[]>;
  /** Returns id and units sold of each current order. */
  current(): Promise<[number, number][]>;
  /** Returns the ids of all versions of orders in the order of their record ids. */
  recordOrder(): Promise<number[]>;
  /** Returns the batches in the ledger. */
  ledger(): Promise<number[]>;
  /** Returns the number of validated foreign keys of orders. */
  foreignKeys(): Promise<number>;
  close(): Promise<void>;
}

/** The dimension rows that an order refers to, for the first batch of a test. */
export const dimensions: Readonly<Record<string, readonly Row[]>> = {
  dim_date: [{ date_id: 1 }],
  dim_staff: [{ staff_id: 1 }, { staff_id: 2 }],
  dim_location: [{ location_id: 1 }],
  dim_currency: [{ currency_id: 1 }],
  dim_design: [{ design_id: 1 }],
  dim_counterparty: [{ counterparty_id: 1 }],
};

/** Returns a sales order with one unit sold, unless `row` has another number. */
export const order = (id: number, row: Row = {}): Row => ({ sales_order_id: id, unit_price: 150n, ...row });

/** Returns sales orders with the ids from `from` to `to`. */
export const orders = (from: number, to: number, row: Row = {}): Row[] =>
  Array.from({ length: to - from + 1 }, (_, i) => order(from + i, row));

/** A reference that makes an order wait: its staff row is missing. */
export const waits: Row = { sales_staff_id: 7 };

/** The batch that brings the missing staff row. */
export const arrival: BatchSpec = { rows: { dim_staff: [{ staff_id: 7 }] } };

/** Creates the warehouse and its empty lake; the caller closes it. */
export async function createLoadedWarehouse(): Promise<LoadedWarehouse> {
  const database = await createTestDatabase();
  const pools: Sql[] = [];
  const open = async (url: string) => {
    const pool = await connect(url, { subject: 'warehouse', connections: 3, applicationName: 'test' });
    pools.push(pool);
    return pool;
  };
  const sql = await open(database.url);
  let written = 0;
  const warehouse: LoadedWarehouse = {
    database,
    sql,
    store: memoryStore(),
    restart: () => {
      warehouse.store = memoryStore();
      written = 0;
    },
    write: (spec) => writeBatch(warehouse.store, ++written, spec),
    run: (options) =>
      load({
        model: totesysModel,
        warehouse: sql,
        processed: warehouse.store,
        telemetry: silentTelemetry,
        ...options,
      }),
    bring: async (spec) => {
      await warehouse.write(spec);
      return warehouse.run();
    },
    connect: ({ url } = database) => open(url),
    versions: async (order) => {
      const rows = await database.sql`
        select units_sold from fact_sales_order where sales_order_id = ${order} order by sales_record_id`;
      return rows.map(({ units_sold }) => units_sold);
    },
    current: async () => {
      const rows = await database.sql`select sales_order_id as id, units_sold from current_fact_sales_order order by 1`;
      return rows.map(({ id, units_sold }) => [id, units_sold]);
    },
    recordOrder: async () => {
      const rows = await database.sql`select sales_order_id as id from fact_sales_order order by sales_record_id`;
      return rows.map(({ id }) => id);
    },
    ledger: async () => (await database.sql`select batch from etl.ledger order by 1`).map(({ batch }) => batch),
    foreignKeys: async () => {
      const { length } = await database.sql`
        select from pg_constraint where conrelid = 'fact_sales_order'::regclass and contype = 'f' and convalidated`;
      return length;
    },
    close: async () => {
      await Promise.all(pools.map((pool) => pool.end({ timeout: 1 })));
      await database.drop();
    },
  };
  return warehouse;
}
