import { DeleteObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { checkKey } from '../object-key.ts';
import { s3Failure } from '../s3-failure.ts';
import { openS3Client, S3Store } from '../s3-store.ts';
import type { Sweepable } from './sweepable.ts';

/** A bucket, or a prefix of one, with removal of objects; a versioned bucket keeps them as old versions. */
export function sweepableBucket(bucket: string, prefix = '', client: S3Client = openS3Client()): Sweepable {
  const store = new S3Store(bucket, prefix, client);
  const below = prefix === '' ? '' : `${prefix}/`;
  return {
    store,
    nowMs: async () => {
      try {
        return await readClock(client, bucket, below);
      } catch (error) {
        throw s3Failure(error, store.uri, 'list', below);
      }
    },
    // An object appears whole or not at all.
    async *temporaries() {},
    remove: async (key) => {
      checkKey(key);
      try {
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: below + key }));
      } catch (error) {
        throw s3Failure(error, store.uri, 'remove', key);
      }
    },
  };
}

// S3's answers have its time; this machine's clock may be wrong by a day.
async function readClock(client: S3Client, bucket: string, prefix: string): Promise<number> {
  let date: string | undefined;
  const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 });
  command.middlewareStack.add(
    (next) => async (request) => {
      const result = await next(request);
      date = (result.response as { headers?: Record<string, string> }).headers?.date;
      return result;
    },
    { step: 'deserialize', priority: 'low' },
  );
  await client.send(command);
  const nowMs = Date.parse(date ?? '');
  if (Number.isNaN(nowMs)) throw new Error('the answer of S3 has no date');
  return nowMs;
}
