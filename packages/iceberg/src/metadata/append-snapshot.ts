import { randomBytes } from 'node:crypto';
import type { DerivedPlace } from '@totesys/lake/derived';
import type { DataFile } from '../data/data-file.ts';
import { EntryStatus, writeManifest } from '../manifests/manifest.ts';
import { readManifestList, type SnapshotIds, writeManifestList } from '../manifests/manifest-list.ts';
import { mergeManifests } from '../manifests/merge-manifests.ts';
import { findCurrentSnapshot, type Snapshot, type TableMetadata } from './table-metadata.ts';

/** Snapshots, and earlier metadata objects, that metadata keeps: half a day of publishes each 15 minutes. */
export const MOST_SNAPSHOTS = 50;
/** The branch that readers see. */
const MAIN = 'main';

/** What a snapshot appends. */
export interface Append {
  readonly table: string;
  readonly files: readonly DataFile[];
  /** Further fields of the snapshot's summary. */
  readonly summary?: Readonly<Record<string, string>>;
}

/**
 * Writes the manifest and the manifest list of a snapshot that appends data files, and returns the metadata with this
 * snapshot as the current one. Nothing refers to what is written until a catalogue commits the metadata.
 */
export async function appendSnapshot(
  place: DerivedPlace,
  metadata: TableMetadata,
  { table, files, summary = {} }: Append,
): Promise<TableMetadata> {
  const before = findCurrentSnapshot(metadata);
  const snapshot: SnapshotIds = {
    id: randomBytes(8).readBigUInt64BE() >> 1n,
    parent: before?.['snapshot-id'],
    sequenceNumber: metadata['last-sequence-number'] + 1n,
  };
  const manifests = before ? await readManifestList(place, before['manifest-list']) : [];
  if (files.length > 0) manifests.unshift(await writeAdded(place, { table, metadata, snapshot }, files));
  const merged = await mergeManifests(place, { table, metadata, snapshot }, manifests);
  return withSnapshot(metadata, {
    'snapshot-id': snapshot.id,
    ...(snapshot.parent !== undefined && { 'parent-snapshot-id': snapshot.parent }),
    'sequence-number': snapshot.sequenceNumber,
    'timestamp-ms': Math.max(Date.now(), metadata['last-updated-ms']),
    'manifest-list': await writeManifestList(place, table, snapshot, merged),
    summary: { operation: 'append', ...countFiles(files, before), ...summary },
    'schema-id': metadata['current-schema-id'],
  });
}

/** Returns the metadata with a snapshot as the current one, without those that are older than the last 50. */
function withSnapshot(metadata: TableMetadata, snapshot: Snapshot): TableMetadata {
  const id = snapshot['snapshot-id'];
  const timestamp = snapshot['timestamp-ms'];
  const named = new Set(Object.values(metadata.refs).map((ref) => ref['snapshot-id']));
  const older = metadata.snapshots.filter(
    (each, at, all) => named.has(each['snapshot-id']) || at > all.length - MOST_SNAPSHOTS,
  );
  const snapshots = [...older, snapshot];
  const kept = new Set(snapshots.map((each) => each['snapshot-id']));
  // A log with a gap would show wrong states for the time of the gap, so it begins after the last removed snapshot.
  const log = metadata['snapshot-log'];
  const gap = log.findLastIndex((each) => !kept.has(each['snapshot-id']));
  return {
    ...metadata,
    'last-sequence-number': snapshot['sequence-number'],
    'last-updated-ms': timestamp,
    'current-snapshot-id': id,
    refs: { ...metadata.refs, [MAIN]: { ...metadata.refs[MAIN], 'snapshot-id': id, type: 'branch' } },
    snapshots,
    'snapshot-log': [...log.slice(gap + 1), { 'timestamp-ms': timestamp, 'snapshot-id': id }],
  };
}

/** Returns the metadata as the successor of the object `previous`, with a log of the last 50. */
export function withPrevious(metadata: TableMetadata, previous: { uri: string; timestampMs: number }): TableMetadata {
  const entry = { 'timestamp-ms': previous.timestampMs, 'metadata-file': previous.uri };
  return { ...metadata, 'metadata-log': [...metadata['metadata-log'], entry].slice(-MOST_SNAPSHOTS) };
}

function writeAdded(
  place: DerivedPlace,
  target: { table: string; metadata: TableMetadata; snapshot: SnapshotIds },
  files: readonly DataFile[],
) {
  const entry = { status: EntryStatus.added, snapshot_id: null, sequence_number: null, file_sequence_number: null };
  return writeManifest(
    place,
    target,
    files.map((data_file) => ({ ...entry, data_file })),
  );
}

function countFiles(files: readonly DataFile[], before: Snapshot | undefined): Record<string, string> {
  const rows = files.reduce((sum, { record_count }) => sum + record_count, 0n);
  const bytes = files.reduce((sum, { file_size_in_bytes }) => sum + file_size_in_bytes, 0n);
  const total = (name: string, added: bigint) => String(BigInt(before?.summary[name] ?? 0) + added);
  return {
    'added-data-files': String(files.length),
    'added-records': String(rows),
    'added-files-size': String(bytes),
    'total-records': total('total-records', rows),
    'total-files-size': total('total-files-size', bytes),
    'total-data-files': total('total-data-files', BigInt(files.length)),
    'total-delete-files': total('total-delete-files', 0n),
    'total-position-deletes': total('total-position-deletes', 0n),
    'total-equality-deletes': total('total-equality-deletes', 0n),
  };
}
