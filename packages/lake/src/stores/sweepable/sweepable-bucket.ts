import { checkKey } from '../object-key.ts';
import { type OpenS3, s3Opener } from '../open-s3.ts';
import { s3Failure } from '../s3-failure.ts';
import { S3Store } from '../s3-store.ts';
import type { Sweepable } from './sweepable.ts';

/** A bucket, or a prefix of one, with removal of objects; a versioned bucket keeps them as old versions. */
export function sweepableBucket(bucket: string, prefix = '', open: () => Promise<OpenS3> = s3Opener()): Sweepable {
  const store = new S3Store(bucket, prefix, open);
  const below = prefix === '' ? '' : `${prefix}/`;
  return {
    store,
    nowMs: async () => {
      try {
        return await readClock(await open(), bucket, below);
      } catch (error) {
        throw s3Failure(error, store.uri, 'list', below);
      }
    },
    // An object appears whole or not at all.
    async *temporaries() {},
    remove: async (key) => {
      checkKey(key);
      try {
        const { sdk, client } = await open();
        await client.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key: below + key }));
      } catch (error) {
        throw s3Failure(error, store.uri, 'remove', key);
      }
    },
  };
}

// S3's answers have its time; this machine's clock may be wrong by a day.
async function readClock({ sdk, client }: OpenS3, bucket: string, prefix: string): Promise<number> {
  let date: string | undefined;
  const command = new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 });
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
