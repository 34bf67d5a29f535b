import { encodeCopy } from '@totesys/columns';
import { readPart, type Store, type WarehousePart } from '@totesys/lake';
import { copyIn } from '@totesys/runtime';
import type { Fact, WarehouseTable } from '@totesys/schema';
import type * as arrow from 'apache-arrow';
import { copyDeletedIds, copyInto } from '../sql/staging.ts';
import { countRows, type MergeContext } from './merge-context.ts';

/** Copies the rows of parts into a table, or into its staging. */
export async function copyParts(
  load: MergeContext,
  table: WarehouseTable,
  relation: string,
  parts: readonly WarehousePart[],
): Promise<void> {
  const total = countRows(parts);
  const onProgress = (rows: number) => load.telemetry.progress(table.name, rows, total);
  const rows = encodeCopy(readParts(load.store, parts, onProgress), table.columns);
  await copyIn(load.transaction, copyInto(relation, table), rows);
}

/** Copies the ids of a fact's deleted rows into their staging. */
export async function copyDeletedParts(load: MergeContext, fact: Fact, parts: readonly WarehousePart[]): Promise<void> {
  const key = fact.columns.filter(({ name }) => name === fact.key);
  await copyIn(load.transaction, copyDeletedIds(fact), encodeCopy(readParts(load.store, parts), key));
}

/** Streams the rows of parts, one part at a time; `onProgress` gets the number of rows read so far. */
export async function* readParts(
  store: Store,
  parts: readonly WarehousePart[],
  onProgress: (rows: number) => void = () => {},
): AsyncGenerator<arrow.RecordBatch> {
  let done = 0;
  for (const part of parts) {
    for await (const rows of readPart(store, part)) {
      yield rows;
      done += rows.numRows;
      onProgress(done);
    }
  }
}
