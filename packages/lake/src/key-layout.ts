const BATCH_DIGITS = 10;

/** Manifests, in either lake. */
export const MANIFEST_PREFIX = '_manifests/';
/** Requests, in the ingestion lake. */
export const REQUEST_PREFIX = '_requests/';
/** Batches that the operator has accepted beyond the quarantine threshold, in the processed lake. */
export const ACCEPTED_PREFIX = '_accepted/';
/** Rows in quarantine that the operator does not want, in the processed lake. */
export const DISCARDED_PREFIX = '_discarded/';
/** Results of proofs, in the processed lake. */
export const PROOF_PREFIX = '_proofs/';
/** Checkpoints of what is in quarantine, in the processed lake: a cache, which may be missing or deleted. */
export const CHECKPOINT_PREFIX = '_state/quarantine/';
/** The object that a store gets again and again, to test that the store refuses to replace it. */
export const PROBE_KEY = '_state/probe.json';

/** Returns a batch's number as keys have it: ten digits, so that the order of keys is the order of batches. */
export const formatBatch = (batch: number): string => String(batch).padStart(BATCH_DIGITS, '0');

/** Returns the key of a batch's manifest. */
export const manifestKey = (batch: number): string => `${MANIFEST_PREFIX}${formatBatch(batch)}.json`;

/** Returns the batch of a manifest's key, undefined for any other key. */
export function findManifestBatch(key: string): number | undefined {
  const match = /^_manifests\/(\d{10})\.json$/.exec(key);
  return match ? Number(match[1]) : undefined;
}

/** Returns a request's number as its id. */
export const formatRequest = formatBatch;

/** Returns the key of a request. */
export const requestKey = (id: string): string => `${REQUEST_PREFIX}${id}.json`;

/** Returns the id of a request's key, undefined for any other key. */
export function findRequestId(key: string): string | undefined {
  return /^_requests\/([^/]+)\.json$/.exec(key)?.[1];
}

/** Returns the number of a request's key, undefined for any other key and for a request whose id is a name. */
export function findRequestNumber(key: string): number | undefined {
  const match = /^_requests\/(\d{10})\.json$/.exec(key);
  return match ? Number(match[1]) : undefined;
}

/** Returns the key of the object that accepts a batch beyond the quarantine threshold. */
export const acceptedKey = (batch: number): string => `${ACCEPTED_PREFIX}${formatBatch(batch)}.json`;

/** Returns the prefix of the keys of a batch's proofs. */
export const proofPrefix = (batch: number): string => `${PROOF_PREFIX}${formatBatch(batch)}-`;

/** Returns the key of a proof: the batch that it compared, and the source's clock as digits. */
export const proofKey = (batch: number, clock: string): string =>
  `${proofPrefix(batch)}${clock.replace(/[^0-9T]/g, '')}.json`;

/** Returns the key of the checkpoint of what is in quarantine as of a batch. */
export const checkpointKey = (batch: number): string => `${CHECKPOINT_PREFIX}${formatBatch(batch)}.json`;

/** Returns the key of the object that discards rows in quarantine, by the hash of its content. */
export const discardedKey = (sha256: string): string => `${DISCARDED_PREFIX}${sha256.slice(0, 32)}.json`;

/**
 * Returns the folder of a table's parts in a batch; `sourceClock` begins with the source's date, which the folder
 * names. Engines make columns of `batch_date` and `batch`, so no part has columns of these names.
 */
export function partFolder(table: string, sourceClock: string, batch: number): string {
  return `${table}/batch_date=${sourceClock.slice(0, 10)}/batch=${formatBatch(batch)}/`;
}

/** Returns the key of a part: its name is the hash of its content, so that a part written twice is one object. */
export const partKey = (folder: string, sha256: string): string => `${folder}${sha256.slice(0, 32)}.parquet`;

/**
 * Returns the batch and the day (`YYYY-MM-DD`, by the source's clock) of a part's key, undefined for any other key,
 * such as that of a part of another lake below this one.
 */
export function findPartOrigin(key: string): { readonly batch: number; readonly day: string } | undefined {
  const match =
    /^(?:_state\/[^/]+\/|_[^/]+\/)?[^/]+\/batch_date=(\d{4}-\d{2}-\d{2})\/batch=(\d{10})\/[0-9a-f]{32}\.parquet$/.exec(
      key,
    );
  return match ? { batch: Number(match[2]), day: match[1]! } : undefined;
}
