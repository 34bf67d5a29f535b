import { parsePlace } from '../open-store.ts';
import type { Sweepable } from './sweepable.ts';
import { sweepableBucket } from './sweepable-bucket.ts';
import { sweepableFolder } from './sweepable-folder.ts';

export type { Sweepable } from './sweepable.ts';

/** Opens a place so that objects can be removed from it. Nothing is read or changed yet. */
export function openSweepable(uri: string): Sweepable {
  const place = parsePlace(uri);
  return 'bucket' in place ? sweepableBucket(place.bucket, place.prefix) : sweepableFolder(place.folder);
}
