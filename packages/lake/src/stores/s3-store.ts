import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GetObjectCommandInput, ListObjectsV2CommandInput, PutObjectCommandInput } from '@aws-sdk/client-s3';
import { withinLimit } from '@totesys/runtime';
import { checkKey, checkPrefix } from './object-key.ts';
import { objectMissing } from './object-missing.ts';
import { type OpenS3, s3Opener } from './open-s3.ts';
import { nameOf, s3Failure, statusOf } from './s3-failure.ts';
import type { PutOutcome, Store, StoredObject } from './store.ts';

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

/** A bucket, or a prefix of one, as a store. Region, credentials and endpoint come from the environment alone. */
export class S3Store implements Store {
  readonly uri: string;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #open: () => Promise<OpenS3>;

  constructor(bucket: string, prefix = '', open: () => Promise<OpenS3> = s3Opener()) {
    this.#bucket = bucket;
    this.#prefix = prefix === '' ? '' : `${prefix}/`;
    this.#open = open;
    this.uri = prefix === '' ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
  }

  async putIfAbsent(key: string, body: Uint8Array): Promise<PutOutcome> {
    checkKey(key);
    const input: PutObjectCommandInput = {
      Bucket: this.#bucket,
      Key: this.#prefix + key,
      Body: body,
      IfNoneMatch: '*',
      ChecksumSHA256: createHash('sha256').update(body).digest('base64'),
    };
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#send(({ sdk, client }) => client.send(new sdk.PutObjectCommand(input)));
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
        const input = { Bucket: this.#bucket, Key: this.#prefix + key, ...how };
        const { Body } = await this.#send(({ sdk, client }) => client.send(new sdk.GetObjectCommand(input)));
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

  #send<T>(send: (s3: OpenS3) => Promise<T>): Promise<T> {
    return withinLimit(SEND_TIMEOUT_MS, `no answer within ${SEND_TIMEOUT_MS / 1000} s`, this.#open().then(send));
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
      const input: ListObjectsV2CommandInput = {
        Bucket: this.#bucket,
        Prefix: this.#prefix + prefix,
        MaxKeys: keys,
        ...(after !== undefined && { StartAfter: this.#prefix + after }),
        ...(token !== undefined && { ContinuationToken: token }),
      };
      return await this.#send(({ sdk, client }) => client.send(new sdk.ListObjectsV2Command(input)));
    } catch (error) {
      throw s3Failure(error, this.uri, 'list', prefix);
    }
  }
}
