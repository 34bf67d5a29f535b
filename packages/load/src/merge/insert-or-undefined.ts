import { SqlState, sqlStateOf } from '@totesys/runtime';
import type { Fact } from '@totesys/schema';
import type { MergeContext } from './merge-context.ts';

/** A reference is missing, or the foreign keys cannot be dropped now. */
const EXPECTED_FAULTS: readonly unknown[] = [
  SqlState.foreignKeyViolation,
  SqlState.lockNotAvailable,
  SqlState.deadlockDetected,
  SqlState.objectInUse,
  SqlState.insufficientPrivilege,
];

/**
 * Runs an insert that drops foreign keys in a savepoint. Returns undefined, and changes nothing, if a reference is
 * missing or the keys cannot be dropped now.
 */
export async function insertOrUndefined<T>(
  load: MergeContext,
  fact: Fact,
  work: (inner: MergeContext) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await load.transaction.savepoint((transaction) => work({ ...load, transaction }));
  } catch (error) {
    const state = sqlStateOf(error);
    if (!EXPECTED_FAULTS.includes(state)) throw error;
    load.telemetry.info('load:staged', { table: fact.name, reason: state });
    return undefined;
  }
}
