import type { Runner } from './driver.ts';
import { query } from './query.ts';

/**
 * Takes an advisory lock until the transaction ends, without waiting. `key` is a 64-bit integer in decimal. Returns
 * false if another session holds the lock.
 */
export async function tryLock(transaction: Runner, key: string): Promise<boolean> {
  const text = 'select pg_try_advisory_xact_lock($1::bigint) as locked';
  const [row] = await query<{ readonly locked: boolean }>(transaction, { text, parameters: [key] });
  return row?.locked === true;
}
