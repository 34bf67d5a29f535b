import { randomUUID } from 'node:crypto';
import type { DerivedPlace } from '@totesys/lake/derived';
import { decodeAvro, encodeAvro } from '../avro/avro-file.ts';
import { MANIFEST_LIST_SCHEMA } from '../avro/manifest-schemas.ts';
import { byFieldId } from '../avro/rename-fields.ts';
import { fileMissing, findKeyOf, readNamed, uriOf } from '../place.ts';

/** A manifest as a manifest list names it. */
export interface ManifestFile {
  readonly manifest_path: string;
  readonly manifest_length: bigint;
  readonly partition_spec_id: number;
  /** 0 for data files, 1 for deletes. */
  readonly content: number;
  readonly sequence_number: bigint;
  readonly min_sequence_number: bigint;
  readonly added_snapshot_id: bigint;
  readonly added_files_count: number;
  readonly existing_files_count: number;
  readonly deleted_files_count: number;
  readonly added_rows_count: bigint;
  readonly existing_rows_count: bigint;
  readonly deleted_rows_count: bigint;
  readonly partitions: unknown;
  readonly key_metadata: Buffer | null;
}

/** The snapshot for which metadata objects are written. */
export interface SnapshotIds {
  readonly id: bigint;
  readonly parent: bigint | undefined;
  readonly sequenceNumber: bigint;
}

/** What the names of this package's manifests and manifest lists begin with; no other file is ever removed. */
export const OWN_PREFIX = 'totesys-';

/** Whether a URI is that of a manifest or a manifest list of this package. */
export function isOwn(uri: string): boolean {
  return uri.slice(uri.lastIndexOf('/') + 1).startsWith(OWN_PREFIX);
}

/** Returns the key of a new object in a table's folder of metadata. */
export function newMetadataKey(table: string, kind: string): string {
  return `${table}/metadata/${OWN_PREFIX}${kind}-${randomUUID()}.avro`;
}

/** Writes the manifest list of a snapshot and returns its URI. */
export async function writeManifestList(
  place: DerivedPlace,
  table: string,
  { id, parent, sequenceNumber }: SnapshotIds,
  manifests: readonly ManifestFile[],
): Promise<string> {
  const meta = {
    'snapshot-id': String(id),
    'parent-snapshot-id': parent === undefined ? 'null' : String(parent),
    'sequence-number': String(sequenceNumber),
    'format-version': '2',
  };
  const key = newMetadataKey(table, `snapshot-${id}`);
  await place.store.putIfAbsent(key, encodeAvro(MANIFEST_LIST_SCHEMA, meta, manifests));
  return uriOf(place, key);
}

/** Reads a manifest list; throws ICEBERG_FILE_MISSING if it cannot be read. */
export async function readManifestList(place: DerivedPlace, uri: string): Promise<ManifestFile[]> {
  const { schema, records } = decodeAvro<object>(await readNamed(place, uri));
  return records.map(byFieldId(schema, MANIFEST_LIST_SCHEMA)) as ManifestFile[];
}

/** Reads a manifest list; undefined if it is missing. */
export async function findManifestList(place: DerivedPlace, uri: string): Promise<ManifestFile[] | undefined> {
  const key = findKeyOf(place, uri);
  if (key === undefined) throw fileMissing(place, uri);
  return (await place.store.find(key)) && (await readManifestList(place, uri));
}
