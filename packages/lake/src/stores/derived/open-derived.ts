import { mkdir, rename } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import { temporaryName, writeDurably } from '../durable-file.ts';
import { FolderStore } from '../folder-store.ts';
import { checkKey } from '../object-key.ts';
import { type OpenS3, s3Opener } from '../open-s3.ts';
import { parsePlace } from '../open-store.ts';
import { s3Failure } from '../s3-failure.ts';
import { S3Store } from '../s3-store.ts';
import { sweepableBucket } from '../sweepable/sweepable-bucket.ts';
import { sweepableFolder } from '../sweepable/sweepable-folder.ts';
import type { DerivedPlace } from './derived.ts';

export type { DerivedPlace } from './derived.ts';

/** Opens a place for derived tables. Nothing is read or created yet. */
export function openDerived(uri: string): DerivedPlace {
  const place = parsePlace(uri);
  return 'bucket' in place ? derivedBucket(place.bucket, place.prefix) : derivedFolder(place.folder);
}

function derivedFolder(folder: string): DerivedPlace {
  const root = resolve(folder);
  return {
    // Engines use the path of a URI as it is written, so it is not percent-encoded.
    uri: `file://${root}`,
    store: new FolderStore(root),
    remove: sweepableFolder(root).remove,
    async replace(key, body) {
      checkKey(key);
      const path = join(root, key);
      const temporary = join(dirname(path), temporaryName(basename(path)));
      try {
        await mkdir(dirname(path), { recursive: true });
        await writeDurably(temporary, body);
        await rename(temporary, path);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        throw new PipelineError(
          ErrorCode.STORE_UNUSABLE,
          `Folder '${root}': '${key}' cannot be written (${code}). Check its rights, and the space on its disk.`,
          { context: { folder: root, key }, cause: error },
        );
      }
    },
  };
}

/** Opens a bucket, or a prefix of one, for derived tables; tests pass their own client. */
export function derivedBucket(bucket: string, prefix = '', open: () => Promise<OpenS3> = s3Opener()): DerivedPlace {
  const { store, remove } = sweepableBucket(bucket, prefix, open);
  const below = prefix === '' ? '' : `${prefix}/`;
  return {
    uri: store.uri,
    store: new S3Store(bucket, prefix, open),
    remove,
    async replace(key, body) {
      checkKey(key);
      try {
        const { sdk, client } = await open();
        await client.send(new sdk.PutObjectCommand({ Bucket: bucket, Key: below + key, Body: body }));
      } catch (error) {
        throw s3Failure(error, store.uri, 'put', key);
      }
    },
  };
}
