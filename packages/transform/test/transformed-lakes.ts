import { decodeParquet, memoryStore, type ProcessedManifest, readProcessedManifest, type Store } from '@totesys/lake';
import { silentTelemetry } from '@totesys/runtime';
import { type ColumnType, lakeColumns, totesysModel } from '@totesys/schema';
import { exactText } from '../../columns/src/exact-text.ts';
import { type TransformDeps, type TransformResult, transform } from '../src/transform.ts';
import type { Row } from './ingestion-batch.ts';

/** An ingestion lake and the processed one that transform makes of it, both in memory and empty unless given. */
export interface TransformedLakes {
  readonly ingestion: Store;
  readonly processed: Store;
  run(batch?: number | 'newest', options?: Partial<TransformDeps>): Promise<TransformResult>;
  /** Every object of the processed lake. */
  contents(): Promise<Record<string, string>>;
  manifestOf(batch: number): Promise<ProcessedManifest>;
  /** The rows that a batch has of a table, each value as exact text. */
  rowsOf(batch: number, table: string, role?: 'rows' | 'deleted'): Promise<Record<string, string | null>[]>;
  /** The values that transform put into quarantine. */
  quarantineOf(batch: number): Promise<Record<string, unknown>[]>;
}

/** A sales order as the source has it. */
export const salesOrder: Row = {
  sales_order_id: 7,
  design_id: 3,
  staff_id: 4,
  counterparty_id: 5,
  units_sold: 42,
  unit_price: 123_456n,
  currency_id: 2,
  agreed_delivery_date: '2024-02-29',
  agreed_payment_date: '2023-12-31',
  agreed_delivery_location_id: 9,
  created_at: BigInt(Date.UTC(2022, 10, 3, 14, 20, 52, 186)) * 1000n,
  last_updated: -1n,
};

/** Makes the lakes. */
export function createTransformedLakes(given: Partial<Pick<TransformedLakes, 'ingestion' | 'processed'>> = {}) {
  const { ingestion = memoryStore('memory://ingestion'), processed = memoryStore('memory://processed') } = given;
  const lakes: TransformedLakes = {
    ingestion,
    processed,
    run: (batch = 'newest', options) =>
      transform({ model: totesysModel, ingestion, processed, telemetry: silentTelemetry, ...options }, batch),
    contents: async () => {
      const objects: Record<string, string> = {};
      for await (const { key } of processed.list(''))
        objects[key] = Buffer.from(await processed.get(key)).toString('base64');
      return objects;
    },
    manifestOf: async (batch) => (await readProcessedManifest(processed, batch)).manifest,
    rowsOf: async (batch, table, role = 'rows') => {
      const declared = totesysModel.warehouse.find(({ name }) => name === table)!;
      const { parts } = await lakes.manifestOf(batch);
      const rows: Record<string, string | null>[] = [];
      for (const part of parts.filter((part) => part.table === table && part.role === role)) {
        for (const decoded of decodeParquet(await processed.get(part.key))) {
          const columns = lakeColumns<{ name: string; type: ColumnType }>(declared).filter(({ name }) =>
            decoded.getChild(name),
          );
          for (let row = 0; row < decoded.numRows; row++) {
            rows.push(
              Object.fromEntries(
                columns.map(({ name, type }) => [name, exactText(type, decoded.getChild(name)!.data[0]!, row)]),
              ),
            );
          }
        }
      }
      return rows;
    },
    quarantineOf: async (batch) => {
      const values: Record<string, unknown>[] = [];
      for (const part of (await lakes.manifestOf(batch)).quarantined) {
        for (const decoded of decodeParquet(await processed.get(part.key)))
          values.push(...decoded.toArray().map((row) => row.toJSON()));
      }
      return values;
    },
  };
  return lakes;
}
