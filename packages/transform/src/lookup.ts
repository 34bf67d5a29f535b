import { dataOf } from '@totesys/columns';
import { type IngestionManifest, readPart, type SourcePart, type Store } from '@totesys/lake';
import { findSourceTable, type Join, joinsOf, type Model } from '@totesys/schema';
import type * as arrow from 'apache-arrow';
import { alignRows } from './align-rows.ts';

/** The rows that one part joins to by one column. */
export interface Lookup {
  /** Returns the place of the row with that key. */
  find(key: number | bigint): RowPosition | undefined;
  /** Returns a column of the looked-up rows, one item for each record batch. */
  column(name: string): readonly arrow.Data[];
}

/** Where a looked-up row is: the index of its record batch, and the row in it. */
export interface RowPosition {
  readonly recordBatch: number;
  readonly row: number;
}

/** The lookups of a part by the column that joins. */
export type Lookups = ReadonlyMap<string, Lookup>;

/** A part of an ingestion batch, with what it takes to read the rows it joins to. */
export interface JoiningPart {
  readonly model: Model;
  readonly ingestion: Store;
  readonly manifest: IngestionManifest;
  readonly part: SourcePart;
}

/** Reads all rows that a part joins to. They are in the same batch, so no other object is needed. */
export async function readLookups(joining: JoiningPart): Promise<Lookups> {
  const lookups = new Map<string, Lookup>();
  for (const join of joinsOf(joining.model)) {
    if (join.source === joining.part.table) lookups.set(join.by, await readLookup(joining, join));
  }
  return lookups;
}

async function readLookup({ model, ingestion, manifest, part }: JoiningPart, join: Join): Promise<Lookup> {
  const table = findSourceTable(model, join.table);
  const recordBatches: arrow.RecordBatch[] = [];
  const places = new Map<number | bigint, RowPosition>();
  for (const lookup of manifest.parts) {
    const isOurs = lookup.lookupFor?.some((wanted) => wanted.part === part.key && wanted.by === join.by);
    if (lookup.role !== 'lookup' || !isOurs) continue;
    for await (const rows of readPart(ingestion, lookup)) {
      const recordBatch = recordBatches.push(alignRows(table, rows)) - 1;
      const keys: Int32Array | BigInt64Array = dataOf(rows, table.key).values;
      for (let row = 0; row < rows.numRows; row++) places.set(keys[row]!, { recordBatch, row });
    }
  }
  return {
    find: (key) => places.get(key),
    column: (name) => recordBatches.map((rows) => dataOf(rows, name)),
  };
}
