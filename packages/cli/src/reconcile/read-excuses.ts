import type { DifferingKey, Pair } from './compare-ranges.ts';
import { type ComparedTable, selectBroken } from './compared-table.ts';
import type { Excuse } from './difference.ts';
import { readHeld } from './read-held.ts';

/** The excuses of those differing keys that have one. */
export async function readExcuses(
  table: ComparedTable,
  { source, warehouse }: Pair,
  keys: readonly DifferingKey[],
): Promise<Map<number, Excuse>> {
  const wanted = keys.map(({ key }) => key);
  const { text, parameters } = selectBroken(table.expected, wanted);
  const broken = new Set((await source.unsafe(text, parameters as never[])).map(({ key }) => Number(key)));
  const held = await readHeld(warehouse, table.name, wanted);
  const excuses = new Map<number, Excuse>();
  for (const { key, kind } of keys) {
    if (broken.has(key)) excuses.set(key, 'quarantined');
    else if (held.has(key)) excuses.set(key, 'held');
    else if (kind === 'extra' && table.keepsRows) excuses.set(key, 'kept');
  }
  return excuses;
}
