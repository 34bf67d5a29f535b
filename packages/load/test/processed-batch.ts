import {
  acceptedKey,
  MANIFEST_FORMAT,
  type ProcessedManifest,
  partFolder,
  type Store,
  writeManifest,
  writePart,
} from '@totesys/lake';
import { bigint, type Fact, lakeColumns, type Model, totesysModel, type WarehouseColumn } from '@totesys/schema';
import type * as arrow from 'apache-arrow';
import { recordBatchOf, type Value } from '../../columns/test/record-batch-of.ts';

/** A warehouse row of a test: money in cents, dates in days, times in microseconds. Missing columns get a value. */
export type Row = Readonly<Record<string, Value>>;

/** A batch: rows by table, and ids of deleted rows by fact. */
export interface BatchSpec {
  readonly rows?: Readonly<Record<string, readonly Row[]>>;
  readonly deleted?: Readonly<Record<string, readonly number[]>>;
  readonly counts?: ProcessedManifest['counts'];
  /** Ranges of keys of source tables whose rows are in quarantine. */
  readonly leftOut?: Readonly<Record<string, readonly (readonly [number, number])[]>>;
  readonly model?: Model;
  /** The manifest hash of the batch before it, if it is not the right one. */
  readonly previous?: string;
}

const CLOCK = '2026-11-22T10:00:00.000000';

/** Returns a manifest hash for a batch of a test: 64 digits that differ from batch to batch. */
export const hashOf = (batch: number): string => String(batch).padStart(64, '0');

/** Writes a processed batch that follows the batch before it. */
export async function writeBatch(store: Store, batch: number, spec: BatchSpec): Promise<void> {
  const model = spec.model ?? totesysModel;
  const parts: ProcessedManifest['parts'] = [];
  for (const [name, rows] of Object.entries(spec.rows ?? {})) {
    const table = model.warehouse.find((candidate) => candidate.name === name)!;
    const written = await writePart(store, partFolder(name, CLOCK, batch), [batchOf(lakeColumns(table as Fact), rows)]);
    parts.push({ table: name, role: 'rows', ...written });
  }
  for (const [name, ids] of Object.entries(spec.deleted ?? {})) {
    const table = model.warehouse.find((candidate) => candidate.name === name)!;
    const column = table.columns[0] as WarehouseColumn;
    const rows = batchOf(
      [column],
      ids.map((id) => ({ [column.name]: id })),
    );
    const written = await writePart(store, partFolder(`deleted_${name}`, CLOCK, batch), [rows]);
    parts.push({ table: name, role: 'deleted', ...written });
  }
  const leftOut: ProcessedManifest['leftOut'] = [];
  for (const [table, ranges] of Object.entries(spec.leftOut ?? {})) {
    const columns = ['first', 'last'].map((name) => ({ name, type: bigint(), nullable: false }));
    const rows = batchOf(
      columns,
      ranges.map(([first, last]) => ({ first, last })),
    );
    leftOut.push({ table, ...(await writePart(store, partFolder(`_left_out/${table}`, CLOCK, batch), [rows])) });
  }
  await writeManifest(store, {
    format: MANIFEST_FORMAT,
    kind: 'processed',
    batch,
    ingestion: { sha256: hashOf(batch), previous: spec.previous ?? (batch === 1 ? null : hashOf(batch - 1)) },
    sourceClock: CLOCK,
    parts,
    quarantined: [],
    leftOut,
    counts: spec.counts ?? {},
  });
}

/** Accepts a batch with many rows in quarantine, as the operator does. */
export async function acceptBatch(store: Store, batch: number): Promise<void> {
  await store.putIfAbsent(acceptedKey(batch), Buffer.from('{}'));
}

/** Returns rows as an Arrow record batch of the columns' types. */
export function batchOf(
  columns: readonly Pick<WarehouseColumn, 'name' | 'type' | 'nullable'>[],
  rows: readonly Row[],
): arrow.RecordBatch {
  return recordBatchOf(columns, rows, ({ nullable }) => (nullable ? null : 1));
}
