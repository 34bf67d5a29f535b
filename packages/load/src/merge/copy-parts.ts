import { encodeCopy } from '@totesys/columns';
import { readPart, type Store, type WarehousePart } from '@totesys/lake';
import { copyIn, query } from '@totesys/runtime';
import { type Fact, type WarehouseTable, warehouseRelation } from '@totesys/schema';
import type * as arrow from 'apache-arrow';
import { type ReservedRecordIds, reserveRecordIds } from '../sql/sequence.ts';
import { copyDeletedIds, copyInto, copyNumberedInto } from '../sql/staging.ts';
import { countRows, type MergeContext } from './merge-context.ts';

/** Copies the rows of parts into a table, or into its staging. */
export async function copyParts(
  load: MergeContext,
  table: WarehouseTable,
  relation: string,
  parts: readonly WarehousePart[],
): Promise<void> {
  const rows = encodeCopy(readWithProgress(load, table, parts), table.columns);
  await copyIn(load.transaction, copyInto(relation, table), rows);
}

/**
 * Copies the rows of parts straight into a fact that the role owns, with record ids that one statement reserves. A
 * call of nextval for each row would take half as long as the row itself.
 */
export async function copyNumbered(load: MergeContext, fact: Fact, parts: readonly WarehousePart[]): Promise<void> {
  const parameters = [warehouseRelation(fact.name), fact.recordId, countRows(parts)];
  const [reserved] = await query<ReservedRecordIds>(load.transaction, { text: reserveRecordIds, parameters });
  const rows = encodeCopy(readWithProgress(load, fact, parts), fact.columns, reserved!.first);
  await copyIn(load.transaction, copyNumberedInto(fact), rows);
}

function readWithProgress(load: MergeContext, table: WarehouseTable, parts: readonly WarehousePart[]) {
  const total = countRows(parts);
  return readParts(load.store, parts, (rows) => load.telemetry.progress(table.name, rows, total));
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
