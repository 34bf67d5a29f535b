import type { DerivedPlace } from '@totesys/lake/derived';
import { findManifestList, isOwn } from '../manifests/manifest-list.ts';
import { findKeyOf } from '../place.ts';
import { findCurrentSnapshot, parseMetadata, type TableMetadata } from './table-metadata.ts';

/**
 * Removes this package's metadata that `after` no longer names and `before` did: metadata objects, manifest lists of
 * snapshots, and merged manifests. Data files, and files of other writers, are never removed.
 */
export async function removeOldMetadata(
  place: DerivedPlace,
  before: TableMetadata,
  after: TableMetadata,
): Promise<void> {
  const named = new Set(after['metadata-log'].map((each) => each['metadata-file']));
  for (const { 'metadata-file': uri } of before['metadata-log']) {
    if (!named.has(uri)) await removeMetadata(place, uri);
  }
  const kept = new Set(after.snapshots.map((each) => each['snapshot-id']));
  for (const { 'snapshot-id': id, 'manifest-list': list } of before.snapshots) {
    if (!kept.has(id) && isOwn(list)) await removeSnapshot(place, list, after);
  }
}

async function removeMetadata(place: DerivedPlace, uri: string): Promise<void> {
  const key = findKeyOf(place, uri);
  const body = key && (await place.store.find(key));
  if (!key || !body) return;
  const current = findCurrentSnapshot(parseMetadata(body, uri));
  if (current === undefined || isOwn(current['manifest-list'])) await place.remove(key);
}

async function removeSnapshot(place: DerivedPlace, list: string, after: TableMetadata): Promise<void> {
  const manifests = (await findManifestList(place, list))?.map((each) => each.manifest_path).filter(isOwn) ?? [];
  for (const uri of await withoutNamed(place, manifests, after)) await remove(place, uri);
  await remove(place, list);
}

// Nearly always the oldest snapshot that is kept names all of them, and no other list needs to be read.
async function withoutNamed(place: DerivedPlace, manifests: string[], after: TableMetadata): Promise<string[]> {
  let left = manifests;
  for (const snapshot of after.snapshots) {
    if (left.length === 0) return left;
    const named = await findManifestList(place, snapshot['manifest-list']);
    if (!named) return [];
    const paths = new Set(named.map((each) => each.manifest_path));
    left = left.filter((uri) => !paths.has(uri));
  }
  return left;
}

async function remove(place: DerivedPlace, uri: string): Promise<void> {
  const key = findKeyOf(place, uri);
  if (key !== undefined) await place.remove(key);
}
