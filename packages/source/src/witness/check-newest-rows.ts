import { KeySet, KeySetBuilder } from '@totesys/lake';
import { selectCovered } from '../rows/coverage.ts';
import { readKeys } from '../rows/read-rows.ts';
import { fenceNumber } from '../snapshot/fence.ts';
import { WitnessPairs } from './witness-pairs.ts';
import type { Witnessed, WitnessedTable } from './witnessed.ts';

/** Missing keys that one statement looks up, and the statements per table. */
const LOOKUP_KEYS = 10_000;
const MAX_LOOKUPS = 10;

/**
 * Compares all rows of the newest transactions with those that batches carried; returns the first contradiction as a
 * sentence. One contradiction is a row before the fence that no batch carried. The other is a carried row whose version
 * is now another one before the fence: it was reverted. Otherwise a missing version was written again or deleted.
 */
export async function checkNewestRows(
  { snapshot, state, completeBefore }: Witnessed,
  { table, before, witness }: WitnessedTable,
): Promise<string | undefined> {
  const [complete, xmax] = [fenceNumber(completeBefore), fenceNumber(state.manifest.fence.to.xmax)];
  const expected = WitnessPairs.parse(witness.since, witness.pairs);
  if (before.coverage === 'none' || expected.since >= xmax) return undefined;
  const [connection] = snapshot.connections;
  const window = { low: expected.since, span: xmax - expected.since };
  const selection = { inWindow: true, ...selectCovered(before.coverage) };
  const present = new KeySetBuilder();
  let stranger: number | undefined;
  await readKeys({ connection, table, window }, selection, (xmin, key) => {
    if (expected.has(xmin, key)) present.add(key);
    else if (xmin < complete) stranger = key;
  });
  if (stranger !== undefined) {
    return `row ${stranger} of table '${table.name}' is older than the last batch, and no batch carried it`;
  }
  let lookups = 0;
  for (const keys of keysOf(expected).minus(present.build()).chunks(LOOKUP_KEYS)) {
    if (++lookups > MAX_LOOKUPS) break;
    let reverted: number | undefined;
    const missing = { keysIn: { column: table.key, keys } };
    await readKeys({ connection, table, window: undefined }, missing, (xmin, key) => {
      if (xmin < complete) reverted = key;
    });
    if (reverted !== undefined) {
      return `row ${reverted} of table '${table.name}' is older than the version that a batch carried`;
    }
  }
  return undefined;
}

function keysOf({ keys }: WitnessPairs): KeySet {
  let all = KeySet.empty;
  for (const each of keys.values()) all = all.union(each);
  return all;
}
