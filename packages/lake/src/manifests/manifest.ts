import * as z from 'zod';

/** The lake format that this version writes and reads: keys, columns and encodings of parts, and manifests. */
export const MANIFEST_FORMAT = 2;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();
const batchNumber = z.number().int().positive();
const bigintText = z.string().regex(/^\d+$/);

const objectPart = z.object({ key: z.string(), rows: count, bytes: count, sha256 });

const keyRange = z.tuple([z.number().int(), z.number().int()]);

/** The keys of a part's rows in at most 20 ranges, which may include further keys. */
const keys = z.array(keyRange).optional();

/**
 * A part of the ingestion lake. `changed` rows changed since the batch before; `context` rows did not, but a changed
 * row joins to them. For each join of a dimension, a part has a `lookup` part with the rows that it joins to;
 * `lookupFor` names the parts that share it, and their joining columns.
 */
const sourcePart = objectPart.extend({
  table: z.string(),
  role: z.enum(['changed', 'context', 'lookup']),
  keys,
  lookupFor: z.array(z.object({ part: z.string(), by: z.string() })).optional(),
});

const deletedPart = objectPart.extend({ table: z.string(), keys });
const quarantinePart = objectPart.extend({ table: z.string(), keys });

/** Known keys of a table: few ranges are in the manifest, many are in the state part that batch `batch` names. */
const knownKeys = z.union([z.object({ count, ranges: z.array(keyRange) }), z.object({ count, batch: batchNumber })]);

/** How far a table has been read for the first time: nothing, through a key, or all of it, without bound. */
const coverage = z.union([z.literal('none'), z.literal('full'), z.object({ through: z.number().int() })]);

const columnLayout = z.object({
  name: z.string(),
  attnum: z.number().int(),
  type: z.string(),
  missingValue: z.string().nullable(),
  labels: z.array(z.string()).optional(),
  /** The SHA-256 of the expression of a virtual generated column. */
  expression: sha256.optional(),
});

/** Partitions whose model columns have the same places and missing values. */
const partitionGroup = z.object({
  partitions: z.array(bigintText),
  columns: z.array(columnLayout.pick({ name: true, attnum: true, missingValue: true })),
});

/**
 * What a later run expects of a table whose history is still the one that the batches saw.
 * - `pairs` are "id first last": the keys from first to last that transaction id wrote, complete from id `since` on.
 * - `rows` are "key id hash": recently carried rows, with 16 hexadecimal digits of the SHA-256 of their values.
 * - `deleted` are recently deleted keys.
 */
const tableWitness = z.object({
  since: bigintText,
  pairs: z.array(z.string().regex(/^\d+ -?\d+ -?\d+$/)),
  rows: z.array(z.string().regex(/^-?\d+ \d+ [0-9a-f]{16}$/)),
  deleted: z.array(z.number().int()),
});

const tableState = z.object({
  coverage,
  keys: knownKeys,
  layout: z.object({
    oid: bigintText,
    /** The partitions or children that have its rows, if it has any. */
    partitions: z.array(bigintText).optional(),
    /** The columns of each partition. Manifests of earlier versions lack them. */
    partitionColumns: z.array(partitionGroup).optional(),
    columns: z.array(columnLayout),
  }),
  /** Manifests of earlier versions lack it; then nothing is checked. */
  witness: tableWitness.optional(),
});

/** A part that later runs read. An index of keys covers the `span` batches up to its own. */
const statePart = objectPart.extend({
  kind: z.enum(['known-keys', 'window-pairs', 'key-index']),
  table: z.string(),
  span: count.optional(),
});

/**
 * The requests that batches have answered: every numbered one up to `through` except the `open` ones, and the `named`
 * ones. `done` of an open request is the key through which each of its tables has been read.
 */
const requestState = z.object({
  through: count,
  named: z.array(z.string()),
  open: z.array(z.object({ id: z.string(), done: z.record(z.string(), z.number().int()) })),
});

/** The source's transaction snapshot: 64-bit transaction ids as text. */
const fence = z.object({ xmin: bigintText, xmax: bigintText });

/**
 * The state of the change hints.
 * - Every transaction that the batch does not see commits at `position` in the WAL or later; null if it is not known.
 * - Hints count after a batch whose fence has an xmin of `armedFrom` or more.
 * - A scan has looked for changes up to `scannedTo`; batches since then have at most `pairs` ranges of window pairs.
 * - Each mark says that transaction `next` and all later ones commit after its position.
 */
const hintState = z.object({
  position: bigintText.nullable(),
  armedFrom: bigintText,
  fingerprint: sha256,
  scannedTo: z.object({ xmin: bigintText, clock: z.string() }),
  pairs: count.optional(),
  marks: z.array(z.object({ position: bigintText, next: bigintText })),
});

const sourceIdentity = z.object({
  systemIdentifier: bigintText,
  timeline: z.number().int(),
  databaseOid: bigintText,
  walPosition: bigintText,
  inRecovery: z.boolean(),
  /** When the server started. Manifests of earlier versions lack it. */
  startedAt: z.string().optional(),
});

/** The object that commits a batch of the ingestion lake. With the parts that it names it is the state of ingest. */
export const ingestionManifest = z.object({
  format: z.literal(MANIFEST_FORMAT),
  kind: z.literal('ingestion'),
  batch: batchNumber,
  previous: sha256.nullable(),
  codeVersion: z.string(),
  sourceClock: z.string(),
  source: sourceIdentity,
  fence: z.object({ from: fence.nullable(), to: fence }),
  tables: z.record(z.string(), tableState),
  /** The oldest batch whose window-pairs part is still valid; null for none. */
  pairsSince: batchNumber.nullable(),
  parts: z.array(sourcePart),
  deleted: z.array(deletedPart),
  quarantined: z.array(quarantinePart),
  state: z.array(statePart),
  /** The spans for which `state` has an index of keys; a table without rows in a span has no part. */
  indexedSpans: z.array(count).optional(),
  /** The requests that this batch answers, wholly or in part. */
  requests: z.array(z.string()),
  /** Absent before the first request. */
  requestState: requestState.optional(),
  /** Absent while hints are off. Earlier versions ignore it. */
  hint: hintState.optional(),
});

/** A part of the processed lake: rows of a warehouse table, or ids of facts whose source rows are deleted. */
const warehousePart = objectPart.extend({ table: z.string(), role: z.enum(['rows', 'deleted']) });

/** The object that commits a batch of the processed lake: a pure function of the ingestion manifest that it names. */
export const processedManifest = z.object({
  format: z.literal(MANIFEST_FORMAT),
  kind: z.literal('processed'),
  batch: batchNumber,
  ingestion: z.object({ sha256, previous: sha256.nullable() }),
  sourceClock: z.string(),
  parts: z.array(warehousePart),
  quarantined: z.array(quarantinePart),
  /** Ranges of the keys that facts lack because ingest or transform put the rows into quarantine. */
  leftOut: z.array(quarantinePart),
  /** Rows of each source table of a fact, and how many are in quarantine: what the threshold compares. */
  counts: z.record(z.string(), z.object({ rows: count, quarantined: count })),
});

/** @see objectPart */
export type ObjectPart = z.infer<typeof objectPart>;
/** @see sourcePart */
export type SourcePart = z.infer<typeof sourcePart>;
/** @see warehousePart */
export type WarehousePart = z.infer<typeof warehousePart>;
/** @see coverage */
export type Coverage = z.infer<typeof coverage>;
/** @see tableState */
export type TableState = z.infer<typeof tableState>;
/** @see tableWitness */
export type TableWitness = z.infer<typeof tableWitness>;
/** @see requestState */
export type RequestState = z.infer<typeof requestState>;
/** @see hintState */
export type HintState = z.infer<typeof hintState>;
/** @see fence */
export type Fence = z.infer<typeof fence>;
/** @see sourceIdentity */
export type SourceIdentity = z.infer<typeof sourceIdentity>;
/** @see ingestionManifest */
export type IngestionManifest = z.infer<typeof ingestionManifest>;
/** @see processedManifest */
export type ProcessedManifest = z.infer<typeof processedManifest>;
/** A manifest of either lake. */
export type Manifest = IngestionManifest | ProcessedManifest;
