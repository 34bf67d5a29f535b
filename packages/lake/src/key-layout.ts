const BATCH_DIGITS = 10;

/** Where manifests lie in either bucket. */
export const MANIFEST_PREFIX = '_manifests/';
/** Where requests lie in the ingestion bucket. */
export const REQUEST_PREFIX = '_requests/';
/** Where a person's word on a batch that cannot load lies in the processed bucket. */
export const ACCEPTED_PREFIX = '_accepted/';

/** Where a person's word on rows in quarantine that are not wanted lies in the processed bucket. */
export const DISCARDED_PREFIX = '_discarded/';

/** Where what was in quarantine as of some batch is noted in the processed lake: nothing but a shortcut, which may be missing or removed. */
export const CHECKPOINT_PREFIX = '_state/quarantine/';

/** The object by which an empty bucket shows that it refuses to replace one. */
export const PROBE_KEY = '_state/probe.json';

/** A batch's number as keys carry it: ten digits, so that their order is the batches'. */
export const formatBatch = (batch: number): string => String(batch).padStart(BATCH_DIGITS, '0');

/** The key of a batch's manifest. */
export const manifestKey = (batch: number): string => `${MANIFEST_PREFIX}${formatBatch(batch)}.json`;

/** The batch whose manifest the key names, or undefined where it is no manifest's key. */
export function findManifestBatch(key: string): number | undefined {
  const match = /^_manifests\/(\d{10})\.json$/.exec(key);
  return match ? Number(match[1]) : undefined;
}

/** A request's number as its id. */
export const formatRequest = formatBatch;

/** The key of a request. */
export const requestKey = (id: string): string => `${REQUEST_PREFIX}${id}.json`;

/** The id of the request that lies at the key; undefined where none can. */
export function findRequestId(key: string): string | undefined {
  return /^_requests\/([^/]+)\.json$/.exec(key)?.[1];
}

/** The number of the request that lies at the key; undefined where its id is no number, but a name of somebody's own. */
export function findRequestNumber(key: string): number | undefined {
  const match = /^_requests\/(\d{10})\.json$/.exec(key);
  return match ? Number(match[1]) : undefined;
}

/** The key of the object that accepts a batch whose quarantined rows are over the threshold. */
export const acceptedKey = (batch: number): string => `${ACCEPTED_PREFIX}${formatBatch(batch)}.json`;

/** The key of the note of what was in quarantine as of a batch. */
export const checkpointKey = (batch: number): string => `${CHECKPOINT_PREFIX}${formatBatch(batch)}.json`;

/** The key of the object that discards rows in quarantine, by the hash of what it says. */
export const discardedKey = (sha256: string): string => `${DISCARDED_PREFIX}${sha256.slice(0, 32)}.json`;

/**
 * The folder of a table's parts in a batch; `sourceClock` begins with the source's date, which the folder names. Engines make columns of
 * `batch_date` and `batch`, so no part has columns of these names.
 */
export function partFolder(table: string, sourceClock: string, batch: number): string {
  return `${table}/batch_date=${sourceClock.slice(0, 10)}/batch=${formatBatch(batch)}/`;
}

/** The key of a part: its name is the hash of its content, so that writing it twice leaves one object. */
export const partKey = (folder: string, sha256: string): string => `${folder}${sha256.slice(0, 32)}.parquet`;

/**
 * The batch and the day (`YYYY-MM-DD`, by the source's clock) of a part's key, or undefined where it is no part's: a part of another lake that
 * lies below this one is none.
 */
export function findPartPlace(key: string): { readonly batch: number; readonly day: string } | undefined {
  const match =
    /^(?:_state\/[^/]+\/|_[^/]+\/)?[^/]+\/batch_date=(\d{4}-\d{2}-\d{2})\/batch=(\d{10})\/[0-9a-f]{32}\.parquet$/.exec(
      key,
    );
  return match ? { batch: Number(match[2]), day: match[1]! } : undefined;
}
