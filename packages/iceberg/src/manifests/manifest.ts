import type { DerivedPlace } from '@totesys/lake/derived';
import { stringify } from 'lossless-json';
import { decodeAvro, encodeAvro } from '../avro/avro-file.ts';
import { MANIFEST_SCHEMA } from '../avro/manifest-schemas.ts';
import { byFieldId } from '../avro/rename-fields.ts';
import type { DataFile } from '../data/data-file.ts';
import { currentSchema, type TableMetadata } from '../metadata/table-metadata.ts';
import { readNamed, uriOf } from '../place.ts';
import { type ManifestFile, newMetadataKey, type SnapshotIds } from './manifest-list.ts';

/** The status of an entry: in the table since before the manifest's snapshot, added by it, or deleted by it. */
export const EntryStatus = { existing: 0, added: 1, deleted: 2 } as const;

/** A data file in a manifest. An added one has no sequence numbers: it inherits that of the manifest. */
export interface ManifestEntry {
  readonly status: number;
  readonly snapshot_id: bigint | null;
  readonly sequence_number: bigint | null;
  readonly file_sequence_number: bigint | null;
  readonly data_file: DataFile;
}

/** Writes a manifest with entries that are all of one status, and returns how a manifest list names it. */
export async function writeManifest(
  place: DerivedPlace,
  { table, metadata, snapshot }: { table: string; metadata: TableMetadata; snapshot: SnapshotIds },
  entries: readonly ManifestEntry[],
): Promise<ManifestFile> {
  const schema = currentSchema(metadata);
  const meta = {
    schema: stringify(schema)!,
    'schema-id': String(schema['schema-id']),
    'partition-spec': '[]',
    'partition-spec-id': String(metadata['default-spec-id']),
    'format-version': '2',
    content: 'data',
  };
  const body = encodeAvro(MANIFEST_SCHEMA, meta, entries);
  const key = newMetadataKey(table, 'manifest');
  await place.store.putIfAbsent(key, body);
  const added = entries.filter(({ status }) => status === EntryStatus.added);
  const existing = entries.filter(({ status }) => status === EntryStatus.existing);
  const sequenceNumbers = entries.map(({ sequence_number }) => sequence_number ?? snapshot.sequenceNumber);
  return {
    manifest_path: uriOf(place, key),
    manifest_length: BigInt(body.length),
    partition_spec_id: metadata['default-spec-id'],
    content: 0,
    sequence_number: snapshot.sequenceNumber,
    min_sequence_number: sequenceNumbers.sort(bySize)[0] ?? snapshot.sequenceNumber,
    added_snapshot_id: snapshot.id,
    added_files_count: added.length,
    existing_files_count: existing.length,
    deleted_files_count: 0,
    added_rows_count: sumRecords(added),
    existing_rows_count: sumRecords(existing),
    deleted_rows_count: 0n,
    partitions: [],
    key_metadata: null,
  };
}

/**
 * Reads the files that a manifest has in the table. What an added entry inherits is filled in: the manifest's snapshot
 * and its sequence number.
 */
export async function readManifest(place: DerivedPlace, manifest: ManifestFile): Promise<ManifestEntry[]> {
  const { schema, records } = decodeAvro<object>(await readNamed(place, manifest.manifest_path));
  const entries = records.map(byFieldId(schema, MANIFEST_SCHEMA)) as ManifestEntry[];
  return entries
    .filter(({ status }) => status !== EntryStatus.deleted)
    .map((entry) => ({
      ...entry,
      snapshot_id: entry.snapshot_id ?? manifest.added_snapshot_id,
      sequence_number: entry.sequence_number ?? manifest.sequence_number,
      file_sequence_number: entry.file_sequence_number ?? manifest.sequence_number,
    }));
}

function bySize(one: bigint, other: bigint): number {
  return Number(one - other);
}

function sumRecords(entries: readonly ManifestEntry[]): bigint {
  return entries.reduce((sum, { data_file }) => sum + data_file.record_count, 0n);
}
