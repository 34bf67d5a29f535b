import { randomUUID } from 'node:crypto';
import { icebergSchema, type TableColumn } from '../schema/iceberg-schema.ts';
import { MOST_SNAPSHOTS } from './append-snapshot.ts';
import type { TableMetadata } from './table-metadata.ts';

/** The id before that of the first partition field, as the format sets it. */
const NO_PARTITION_ID = 999;

/**
 * Returns the metadata of an empty table without partitions. With `before`, the table takes the place of that one: it
 * keeps its identity and its sequence of snapshots, and names none of its files.
 */
export function newTable(
  location: string,
  columns: readonly TableColumn[],
  before?: { readonly 'table-uuid': string; readonly 'last-sequence-number': bigint },
): TableMetadata {
  return {
    'format-version': 2,
    'table-uuid': before?.['table-uuid'] ?? randomUUID(),
    location,
    'last-sequence-number': before?.['last-sequence-number'] ?? 0n,
    'last-updated-ms': Date.now(),
    'last-column-id': Math.max(...columns.map(({ id }) => id)),
    'current-schema-id': 0,
    schemas: [icebergSchema(columns, 0) as TableMetadata['schemas'][number]],
    'default-spec-id': 0,
    'partition-specs': [{ 'spec-id': 0, fields: [] }],
    'last-partition-id': NO_PARTITION_ID,
    'default-sort-order-id': 0,
    'sort-orders': [{ 'order-id': 0, fields: [] }],
    properties: {
      'write.parquet.compression-codec': 'zstd',
      'write.metadata.previous-versions-max': String(MOST_SNAPSHOTS),
    },
    'current-snapshot-id': null,
    refs: {},
    snapshots: [],
    'snapshot-log': [],
    'metadata-log': [],
  };
}

/** Returns the metadata with columns added at the end, as its new current schema. */
export function withColumns(metadata: TableMetadata, columns: readonly TableColumn[]): TableMetadata {
  const id = Math.max(...metadata.schemas.map((each) => each['schema-id'])) + 1;
  return {
    ...metadata,
    'last-column-id': Math.max(metadata['last-column-id'], ...columns.map((column) => column.id)),
    'current-schema-id': id,
    schemas: [...metadata.schemas, icebergSchema(columns, id) as TableMetadata['schemas'][number]],
  };
}
