import type { DerivedPlace } from '@totesys/lake/derived';
import type { TableMetadata } from '../metadata/table-metadata.ts';
import { EntryStatus, type ManifestEntry, readManifest, writeManifest } from './manifest.ts';
import { isOwn, type ManifestFile, type SnapshotIds } from './manifest-list.ts';

/** Manifests from which they are merged: a reader opens each of them. */
const MOST_MANIFESTS = 100;
/** A manifest of this size is not merged again, so that merges do not grow with the table: bytes. */
const FULL_BYTES = 8 * 1024 * 1024;

/**
 * Returns the manifests with this package's small ones merged into one, if there are 100 of them. Merged files keep
 * their snapshot and their sequence numbers. Manifests of other writers stay as they are.
 */
export async function mergeManifests(
  place: DerivedPlace,
  target: { readonly table: string; readonly metadata: TableMetadata; readonly snapshot: SnapshotIds },
  manifests: readonly ManifestFile[],
): Promise<readonly ManifestFile[]> {
  const merged = manifests.filter((each) => isMergeable(each, target.metadata));
  if (merged.length < MOST_MANIFESTS) return manifests;
  const entries: ManifestEntry[] = [];
  for (const manifest of merged) {
    for (const entry of await readManifest(place, manifest)) entries.push({ ...entry, status: EntryStatus.existing });
  }
  return [...manifests.filter((each) => !merged.includes(each)), await writeManifest(place, target, entries)];
}

function isMergeable(manifest: ManifestFile, metadata: TableMetadata): boolean {
  const { manifest_path, manifest_length, partition_spec_id, content } = manifest;
  const isOfTable = content === 0 && partition_spec_id === metadata['default-spec-id'];
  return isOfTable && isOwn(manifest_path) && manifest_length < FULL_BYTES;
}
