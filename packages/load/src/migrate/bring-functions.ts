import { query, SqlState, sqlStateOf } from '@totesys/runtime';
import type { WarehouseFunction } from '@totesys/schema';
import { dropFunction, type FunctionRow, selectFunction } from '../sql/functions.ts';
import type { Migration } from './migration.ts';

/**
 * Creates a function, or replaces one whose text differs; neither waits for readers. A function whose columns have
 * changed is dropped first, because it cannot be replaced. Returns false, and changes nothing, if a view that others
 * built on it prevents that.
 */
export async function bringFunction(migration: Migration, given: WarehouseFunction): Promise<boolean> {
  const { signature: relation, body, statement } = given;
  const lookUp = { text: selectFunction, parameters: [relation] };
  const [present] = await query<FunctionRow>(migration.connection, lookUp);
  if (present?.body === body) return true;
  const isReplaceable = !present || present.names.join() === given.names.join();
  const change = present ? 'replace function' : 'create function';
  const step = { relation, change, statement: isReplaceable ? statement : `${dropFunction(given)};\n${statement}` };
  try {
    return await migration.attempt(() => migration.take(step));
  } catch (error) {
    if (sqlStateOf(error) === SqlState.dependentObjectsStillExist) return false;
    throw error;
  }
}
