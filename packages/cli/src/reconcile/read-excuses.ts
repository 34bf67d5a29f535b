import type { Connection } from '@totesys/runtime';
import type { DifferingKey } from './compare-ranges.ts';
import { type ComparedTable, selectBroken } from './compared-table.ts';
import type { TableCounts } from './difference.ts';

/** Why a row that differs is no difference. */
export type Excuse = Extract<keyof TableCounts, 'quarantined' | 'held' | 'kept'>;

/** The excuses of differing keys: their row breaks the contract, waits for a dimension, or is kept though the source has it no longer. */
export async function readExcuses(
  table: ComparedTable,
  source: Connection,
  keys: readonly DifferingKey[],
  held: ReadonlyMap<string, ReadonlySet<number>>,
): Promise<Map<number, Excuse>> {
  const wanted = keys.map(({ key }) => key);
  const { text, parameters } = selectBroken(table.expected, wanted);
  const broken = new Set((await source.unsafe(text, parameters as never[])).map(({ key }) => Number(key)));
  const excuses = new Map<number, Excuse>();
  for (const { key, kind } of keys) {
    if (broken.has(key)) excuses.set(key, 'quarantined');
    else if (held.get(table.name)?.has(key)) excuses.set(key, 'held');
    else if (kind === 'extra' && table.keepsRows) excuses.set(key, 'kept');
  }
  return excuses;
}
