import { SqlState, sqlStateOf } from '@totesys/runtime';
import type { WarehouseTable } from '@totesys/schema';
import type { MergeContext } from './merge-context.ts';

/** A reference is missing, or keys and indexes cannot be dropped now. */
const EXPECTED_FAULTS: readonly unknown[] = [
  SqlState.foreignKeyViolation,
  SqlState.lockNotAvailable,
  SqlState.deadlockDetected,
  SqlState.objectInUse,
  SqlState.insufficientPrivilege,
];

/**
 * Runs a faster way to insert rows, in a savepoint. Returns undefined, and changes nothing, if a reference is missing,
 * keys and indexes cannot be dropped now, or a key of a dimension comes twice.
 */
export async function insertOrUndefined<T>(
  load: MergeContext,
  table: WarehouseTable,
  work: (inner: MergeContext) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await load.transaction.savepoint((transaction) => work({ ...load, transaction }));
  } catch (error) {
    const state = sqlStateOf(error);
    const isTwice = state === SqlState.uniqueViolation && table.kind !== 'fact';
    if (!isTwice && !EXPECTED_FAULTS.includes(state)) throw error;
    load.telemetry.info('load:staged', { table: table.name, reason: state });
    return undefined;
  }
}
