import { arrowSchema, Int64Builder, recordBatch } from '@totesys/columns';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import { bigint } from '@totesys/schema';
import * as arrow from 'apache-arrow';
import type { IngestionManifest } from '../manifests/manifest.ts';
import { findIngestionManifest } from '../manifests/read-manifest.ts';
import { readPart } from '../parts/part.ts';
import type { Store } from '../stores/store.ts';
import type { KeySet } from './key-set.ts';

/** Batches that an index covers, by level: batch 4096 has indexes of 1 to 4096, 3841 to 4096 and 4081 to 4096. */
export const INDEX_SPANS = [16, 256, 4_096, 65_536] as const;
/** Indexes of one level that the next level joins. */
const FAN_OUT = 16;
/** Ranges of keys that are kept for one part: more are joined across their smallest gaps. */
const MAX_PART_RANGES = 20;

/** Spans that are read at the same time. */
const READERS = 16;
const DAMAGED: readonly ErrorCode[] = [ErrorCode.OBJECT_MISSING, ErrorCode.OBJECT_CORRUPT];

/**
 * Keys of a batch's rows: changed, context, deleted or in quarantine. A range may have further keys, and lacks none.
 */
export interface BatchKeys {
  readonly first: number;
  readonly last: number;
  readonly batch: number;
}

/** The keys of a span of batches by source table. */
export type SpanKeys = ReadonlyMap<string, readonly BatchKeys[]>;

/** Returns at most 20 ranges that hold all keys of the set. */
export function coarseRanges(keys: KeySet): [number, number][] {
  const ranges = [...keys.ranges()];
  if (ranges.length <= MAX_PART_RANGES) return ranges;
  const gapBefore = (i: number) => ranges[i]![0] - ranges[i - 1]![1];
  const kept = new Set(
    ranges
      .map((_, i) => i)
      .slice(1)
      .sort((a, b) => gapBefore(b) - gapBefore(a))
      .slice(0, MAX_PART_RANGES - 1),
  );
  const coarse: [number, number][] = [];
  ranges.forEach(([first, last], i) => {
    if (i === 0 || kept.has(i)) coarse.push([first, last]);
    else coarse.at(-1)![1] = last;
  });
  return coarse;
}

/**
 * Returns the batches up to `newest` that may have a row of the table with the key, in their order. It reads some
 * hundred objects for a year of minutes: the manifests of the newest few batches, and before them one index for each
 * span.
 */
export async function findBatchesOfKey(store: Store, newest: number, table: string, key: number): Promise<number[]> {
  const batches = new Set<number>();
  const spans = [...alignedSpans(newest)];
  for (let at = 0; at < spans.length; at += READERS) {
    const read = spans.slice(at, at + READERS).map(({ to, span }) => readSpan(store, to, span, table));
    for (const keys of (await Promise.all(read)).flatMap((tables) => tables.get(table) ?? [])) {
      if (keys.first <= key && key <= keys.last) batches.add(keys.batch);
    }
  }
  return [...batches].sort((a, b) => a - b);
}

/**
 * Returns the indexes that a batch completes, the shortest span first; most batches complete none. `own` has the keys
 * of the batch itself; the other keys come from the manifests and indexes of earlier batches.
 */
export async function buildIndexes(
  store: Store,
  batch: number,
  own: SpanKeys,
): Promise<{ span: number; keys: SpanKeys }[]> {
  const indexes: { span: number; keys: SpanKeys }[] = [];
  let last = own;
  for (const span of INDEX_SPANS) {
    if (batch % span !== 0) break;
    const child = span / FAN_OUT;
    const spans: SpanKeys[] = [];
    for (let to = batch - span + child; to < batch; to += child) spans.push(await readSpan(store, to, child));
    last = join([...spans, last]);
    indexes.push({ span, keys: last });
  }
  return indexes;
}

// Engines that read whole folders would show the folder `batch=…` instead of a column `batch`.
const COLUMNS = { first: 'first', last: 'last', batch: 'in_batch' } as const;

/** Returns the rows of one index part: the columns `first`, `last` and `in_batch`. */
export function indexRows(keys: readonly BatchKeys[]): arrow.RecordBatch {
  const names = Object.values(COLUMNS);
  const builders = names.map(() => new Int64Builder(new arrow.Int64()));
  for (const { first, last, batch } of keys) {
    [first, last, batch].forEach((value, i) => {
      builders[i]!.append(value);
    });
  }
  const children = builders.map((builder) => builder.finish());
  return recordBatch(arrowSchema(names.map((name) => ({ name, type: bigint() }))), children, keys.length);
}

/** Returns the keys that a batch's manifest names, by table. */
export function keysOfBatch({ batch, parts, deleted, quarantined }: KeyedParts): SpanKeys {
  const tables = new Map<string, BatchKeys[]>();
  for (const part of [...parts.filter(({ role }) => role !== 'lookup'), ...deleted, ...quarantined]) {
    const keys = tables.get(part.table) ?? [];
    tables.set(part.table, keys);
    // A part without key ranges may have any key.
    for (const [first, last] of part.keys ?? [[Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]]) {
      keys.push({ first, last, batch });
    }
  }
  return tables;
}

/** The parts of a manifest, or of a batch that is being written, that name keys. */
export type KeyedParts = Pick<IngestionManifest, 'batch' | 'parts' | 'deleted' | 'quarantined'>;

// Whole spans from the newest batch back to the first: a few of each length.
function* alignedSpans(newest: number): Generator<{ to: number; span: number }> {
  for (let to = newest; to > 0; ) {
    const span = INDEX_SPANS.findLast((length) => to % length === 0) ?? 1;
    yield { to, span };
    to -= span;
  }
}

// Keys of the `span` batches up to `to`, of one table or of all: from their index, or without one from shorter spans.
async function readSpan(store: Store, to: number, span: number, table?: string): Promise<SpanKeys> {
  // If the manifest is lost, the keys of its batch are unknown, and the batches before it are read one by one.
  const manifest = (await findIngestionManifest(store, to))?.manifest;
  if (span === 1) return manifest ? keysOfBatch(manifest) : new Map();
  const index = manifest?.indexedSpans?.includes(span) && (await findIndex(store, manifest, span, table));
  if (index) return index;
  const child = span / FAN_OUT;
  const spans: SpanKeys[] = [];
  for (let end = to - span + child; end <= to; end += child) spans.push(await readSpan(store, end, child, table));
  return join(spans);
}

// Undefined if the index is damaged: the shorter spans have the same keys.
async function findIndex(store: Store, manifest: IngestionManifest, span: number, table?: string) {
  try {
    return await readIndex(store, manifest, span, table);
  } catch (error) {
    if (error instanceof PipelineError && DAMAGED.includes(error.code)) return undefined;
    throw error;
  }
}

async function readIndex(store: Store, manifest: IngestionManifest, span: number, table?: string): Promise<SpanKeys> {
  const tables = new Map<string, BatchKeys[]>();
  for (const part of manifest.state) {
    if (part.kind !== 'key-index' || part.span !== span || (table !== undefined && part.table !== table)) continue;
    const keys = tables.get(part.table) ?? [];
    tables.set(part.table, keys);
    for await (const rows of readPart(store, part)) {
      const columns = Object.values(COLUMNS).map((name) => rows.getChild(name)?.data[0]?.values as BigInt64Array);
      const [first, last, batch] = columns as [BigInt64Array, BigInt64Array, BigInt64Array];
      for (let row = 0; row < rows.numRows; row++) {
        keys.push({ first: Number(first[row]), last: Number(last[row]), batch: Number(batch[row]) });
      }
    }
  }
  return tables;
}

function join(spans: readonly SpanKeys[]): SpanKeys {
  const joined = new Map<string, BatchKeys[]>();
  for (const span of spans) {
    for (const [table, keys] of span) {
      const all = joined.get(table) ?? [];
      joined.set(table, all);
      for (const each of keys) all.push(each);
    }
  }
  return joined;
}
