import { type IngestionManifest, readPart, type SourcePart, type Store } from '@totesys/lake';
import { findSourceTable, type Join, joinsOf, type Model } from '@totesys/schema';
import type * as arrow from 'apache-arrow';
import { alignRows } from './align-rows.ts';

/** The rows that one part joins to by one column, found by their key. */
export interface Lookup {
  /** Where the row with that key is: the number of its batch, and its place in it. */
  find(key: number | bigint): { readonly batch: number; readonly row: number } | undefined;
  /** A column of the looked-up rows, batch by batch. */
  column(name: string): readonly arrow.Data[];
}

/** The lookups of a part by the column that joins. */
export type Lookups = ReadonlyMap<string, Lookup>;

/** Reads all that a part joins to; it travels with the part, so a batch needs nothing else. */
export async function readLookups(
  model: Model,
  store: Store,
  manifest: IngestionManifest,
  part: SourcePart,
): Promise<Lookups> {
  const lookups = new Map<string, Lookup>();
  for (const join of joinsOf(model)) {
    if (join.source !== part.table) continue;
    lookups.set(join.by, await readLookup(model, store, manifest, part, join));
  }
  return lookups;
}

async function readLookup(
  model: Model,
  store: Store,
  manifest: IngestionManifest,
  part: SourcePart,
  join: Join,
): Promise<Lookup> {
  const table = findSourceTable(model, join.table);
  const batches: arrow.RecordBatch[] = [];
  const places = new Map<number | bigint, { batch: number; row: number }>();
  for (const lookup of manifest.parts) {
    const isOurs = lookup.lookupFor?.some((wanted) => wanted.part === part.key && wanted.by === join.by);
    if (lookup.role !== 'lookup' || !isOurs) continue;
    for await (const rows of readPart(store, lookup)) {
      const batch = batches.push(alignRows(table, rows)) - 1;
      const keys = rows.getChild(table.key)!.data[0]!.values as Int32Array | BigInt64Array;
      for (let row = 0; row < rows.numRows; row++) places.set(keys[row]!, { batch, row });
    }
  }
  return {
    find: (wanted) => places.get(wanted),
    column: (name) => batches.map((rows) => rows.getChild(name)!.data[0]!),
  };
}
