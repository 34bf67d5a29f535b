import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetObjectCommand,
  type GetObjectCommandInput,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { allowSlowAddresses, withinLimit } from '@totesys/runtime';
import { checkKey, checkPrefix } from './object-key.ts';
import { objectMissing } from './object-missing.ts';
import { nameOf, s3Failure, statusOf } from './s3-failure.ts';
import type { PutOutcome, Store, StoredObject } from './store.ts';

/**
 * Limits of each attempt: for the connection, for silence in both directions, and for the whole request; milliseconds.
 */
export const S3_TIMEOUTS = {
  connectionTimeout: 5_000,
  socketTimeout: 20_000,
  requestTimeout: 60_000,
  throwOnRequestTimeout: true,
};
/** Limit of a request with all of its attempts and the credentials: milliseconds, more than those of the attempts. */
const SEND_TIMEOUT_MS = 5 * 60_000;
/** Attempts to read an object whose body stalls; the SDK retries only until the body begins. */
const BODY_TRIES = 3;
/** Attempts when S3 reports another write of the same key in progress, which ends within moments. */
const CONFLICT_TRIES = 6;
const FIRST_PAUSE_MS = 50;
/** S3's status for a range that begins after the object's end. */
const RANGE_NOT_SATISFIABLE = 416;
/** Keys in one page of a listing: S3's limit. */
const PAGE_KEYS = 1000;

/** Opens an S3 client; region, credentials and endpoint come from the environment. */
export function openS3Client(): S3Client {
  allowSlowAddresses();
  return new S3Client({ requestHandler: S3_TIMEOUTS });
}

/** A bucket, or a prefix of one, as a store. Region, credentials and endpoint come from the environment alone. */
export class S3Store implements Store {
  readonly uri: string;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #client: S3Client;

  constructor(bucket: string, prefix = '', client: S3Client = openS3Client()) {
    this.#bucket = bucket;
    this.#prefix = prefix === '' ? '' : `${prefix}/`;
    this.#client = client;
    this.uri = prefix === '' ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
  }

  async putIfAbsent(key: string, body: Uint8Array): Promise<PutOutcome> {
    checkKey(key);
    const command = new PutObjectCommand({
      Bucket: this.#bucket,
      Key: this.#prefix + key,
      Body: body,
      IfNoneMatch: '*',
      ChecksumSHA256: createHash('sha256').update(body).digest('base64'),
    });
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#within(this.#client.send(command));
        return 'created';
      } catch (error) {
        if (statusOf(error) === 412) break;
        const isRacing = statusOf(error) === 409 && attempt < CONFLICT_TRIES;
        if (!isRacing) throw s3Failure(error, this.uri, 'put', key);
        await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1));
      }
    }
    // The object may come from this call's own first attempt, whose answer was lost.
    return Buffer.from(body).equals(await this.get(key)) ? 'same' : 'conflict';
  }

  async find(key: string): Promise<Uint8Array | undefined> {
    return this.#find(key, { ChecksumMode: 'ENABLED' });
  }

  async getRange(key: string, start: number, end: number): Promise<Uint8Array> {
    // S3 refuses an empty range.
    if (end <= start) return new Uint8Array();
    const body = await this.#find(key, { Range: `bytes=${start}-${end - 1}` });
    if (!body) throw objectMissing(this.uri, key);
    return body;
  }

  async #find(
    key: string,
    how: Pick<GetObjectCommandInput, 'ChecksumMode' | 'Range'>,
  ): Promise<Uint8Array | undefined> {
    checkKey(key);
    for (let attempt = 1; ; attempt++) {
      let hasBegun = false;
      try {
        const command = new GetObjectCommand({ Bucket: this.#bucket, Key: this.#prefix + key, ...how });
        const { Body } = await this.#within(this.#client.send(command));
        hasBegun = true;
        return await Body!.transformToByteArray();
      } catch (error) {
        if (statusOf(error) === RANGE_NOT_SATISFIABLE) return new Uint8Array();
        // Only this name means a missing object: a missing bucket is a 404, too, and must not look like an empty lake.
        if (nameOf(error) === 'NoSuchKey') return undefined;
        const hasStalled = hasBegun && nameOf(error) === 'TimeoutError';
        if (!hasStalled || attempt === BODY_TRIES) throw s3Failure(error, this.uri, 'get', key);
      }
    }
  }

  #within<T>(answer: Promise<T>): Promise<T> {
    return withinLimit(SEND_TIMEOUT_MS, `no answer within ${SEND_TIMEOUT_MS / 1000} s`, answer);
  }

  async get(key: string): Promise<Uint8Array> {
    const body = await this.find(key);
    if (!body) throw objectMissing(this.uri, key);
    return body;
  }

  async *list(prefix: string, options: { after?: string; limit?: number } = {}): AsyncGenerator<StoredObject> {
    checkPrefix(prefix);
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    let token: string | undefined;
    while (left > 0) {
      const page = await this.#page(prefix, options.after, token, Math.min(left, PAGE_KEYS));
      for (const { Key = '', Size = 0, LastModified } of page.Contents ?? []) {
        const writtenMs = LastModified?.getTime() ?? Number.POSITIVE_INFINITY;
        yield { key: Key.slice(this.#prefix.length), sizeBytes: Size, writtenMs };
        left--;
      }
      token = page.NextContinuationToken;
      if (!page.IsTruncated || token === undefined) return;
    }
  }

  async #page(prefix: string, after: string | undefined, token: string | undefined, keys: number) {
    try {
      const command = new ListObjectsV2Command({
        Bucket: this.#bucket,
        Prefix: this.#prefix + prefix,
        MaxKeys: keys,
        ...(after !== undefined && { StartAfter: this.#prefix + after }),
        ...(token !== undefined && { ContinuationToken: token }),
      });
      return await this.#within(this.#client.send(command));
    } catch (error) {
      throw s3Failure(error, this.uri, 'list', prefix);
    }
  }
}
