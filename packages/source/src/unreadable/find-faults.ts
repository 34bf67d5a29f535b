import { describeDatabaseError, unreadableStateOf } from '@totesys/runtime';

/** Why the server cannot read a row: the SQLSTATE, and its own sentence without values. */
export interface RowFault {
  readonly sqlstate: string;
  readonly sentence: string;
}

/** Returns the fault of a row that an error reports; undefined if the error has another cause. */
export function rowFaultOf(error: unknown): RowFault | undefined {
  const sqlstate = unreadableStateOf(error);
  if (sqlstate === undefined) return undefined;
  return {
    sqlstate,
    sentence: describeDatabaseError(error, '')
      .message.replace(/^ answered /, '')
      .replace(/\.$/, ''),
  };
}

/** Reads the rows with keys from the first to the last; returns the fault of an unreadable one, otherwise undefined. */
export type Probe = (first: number, last: number) => Promise<RowFault | undefined>;

/**
 * Finds the keys of unreadable rows from `first` to `last` by halves: some 2·log₂ n statements for each. `isKnown`
 * is true if the range is known to have one. Ends early if `found` has more than `most`.
 */
export async function findFaults(
  probe: Probe,
  range: { readonly first: number; readonly last: number; readonly isKnown: boolean },
  found: Map<number, RowFault>,
  most: number,
): Promise<void> {
  const { first, last } = range;
  if (found.size > most) return;
  // A single key is always read again: the fault may have been temporary.
  if (first === last || !range.isKnown) {
    const fault = await probe(first, last);
    if (!fault) return;
    if (first === last) {
      found.set(first, fault);
      return;
    }
  }
  // Not half of the sum: for the greatest keys the sum is no safe integer.
  const middle = first + Math.floor((last - first) / 2);
  const before = found.size;
  await findFaults(probe, { first, last: middle, isKnown: false }, found, most);
  // If the lower half can be read, the upper half has the unreadable row.
  await findFaults(probe, { first: middle + 1, last, isKnown: found.size === before }, found, most);
}
