import { execute, query, SqlState, sqlStateOf, type Transaction } from '@totesys/runtime';
import { latestIndex, type WarehouseTable, warehouseRelation } from '@totesys/schema';
import { createIndex, type DroppableIndexRow, dropIndex, selectDroppableIndexes } from '../sql/droppable-indexes.ts';

/**
 * Drops the primary key of an empty table and a fact's index of latest versions, does work, and creates them again.
 * An index over all rows at once costs a fraction of one that grows row by row. An index stays if something else
 * depends on it, such as a view that groups by the primary key.
 */
export async function withoutIndexes<T>(
  transaction: Transaction,
  table: WarehouseTable,
  work: () => Promise<T>,
): Promise<T> {
  const latest = table.kind === 'fact' ? latestIndex(table).name : null;
  const statement = { text: selectDroppableIndexes, parameters: [warehouseRelation(table.name), latest] };
  const dropped: DroppableIndexRow[] = [];
  for (const index of await query<DroppableIndexRow>(transaction, statement)) {
    if (await isDropped(transaction, dropIndex(table.name, index))) dropped.push(index);
  }
  const result = await work();
  for (const index of dropped) await execute(transaction, { text: createIndex(table.name, index) });
  return result;
}

async function isDropped(transaction: Transaction, text: string): Promise<boolean> {
  try {
    await transaction.savepoint((inner) => execute(inner, { text }));
    return true;
  } catch (error) {
    if (sqlStateOf(error) === SqlState.dependentObjectsStillExist) return false;
    throw error;
  }
}
