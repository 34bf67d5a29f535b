import { ErrorCode, PipelineError } from '@totesys/runtime';
import type { IngestionManifest } from '../manifests/manifest.ts';
import { findIngestionManifest } from '../manifests/read-manifest.ts';
import type { Store } from '../stores/store.ts';
import { type BatchKeys, readIndexRows } from './index-rows.ts';

/** Batches that an index covers, by level: batch 4096 has indexes of 1 to 4096, 3841 to 4096 and 4081 to 4096. */
export const INDEX_SPANS = [16, 256, 4_096, 65_536] as const;
/** Indexes of one level that the next level joins. */
const FAN_OUT = 16;
/** Spans that are read at the same time. */
const READERS = 16;
const DAMAGED: readonly ErrorCode[] = [ErrorCode.OBJECT_MISSING, ErrorCode.OBJECT_CORRUPT];

/** The keys of a span of batches by source table. */
export type SpanKeys = ReadonlyMap<string, readonly BatchKeys[]>;

/**
 * Returns the batches up to `newest` that may have a row of the table with the key, in their order. It reads some
 * hundred objects for a year with a batch each minute: the manifests of the newest few batches, and before them one
 * index for each span.
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
    for await (const each of readIndexRows(store, part)) keys.push(each);
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
