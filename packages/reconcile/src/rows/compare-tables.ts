import type { KeyRange } from '../sql/select-rows.ts';
import { compareRange } from './compare-range.ts';
import type { ComparedTable } from './compared-table.ts';
import type { Comparison } from './comparison.ts';
import { cutIntoRanges } from './cut-into-ranges.ts';
import { describeTable } from './describe-table.ts';
import { addUnreadable } from './excuses.ts';
import { judgeKeys } from './judge-keys.ts';
import type { Sides } from './sides.ts';
import type { Pair } from './snapshots.ts';

/**
 * Compares all tables, on each pair of connections one range of keys at a time; a table that takes long to describe
 * delays no other.
 */
export async function compareTables(comparison: Comparison, sides: Sides): Promise<void> {
  const { model } = comparison.options;
  const tables: ComparedTable[] = [];
  const work: ((pair: Pair) => Promise<void>)[] = model.warehouse.map((declared) => async (pair) => {
    const table = await describeTable(model, declared, pair, sides.hashing);
    tables.push(table);
    for (const range of await cutIntoRanges(table, pair)) {
      work.push((other) => compareOne(comparison, { table, pair: other, range }, sides));
    }
  });
  await Promise.all(
    sides.pairs.map(async (pair) => {
      for (let next = work.shift(); next; next = work.shift()) await next(pair);
    }),
  );
  for (const table of tables) addUnreadable(comparison.findings, table, table.unreadable);
}

async function compareOne(
  comparison: Comparison,
  { table, pair, range }: { table: ComparedTable; pair: Pair; range: KeyRange },
  { carried }: Sides,
): Promise<void> {
  const rows = await compareRange(table, pair, range, (keys) => judgeKeys(comparison, { table, pair, carried }, keys));
  const counts = comparison.findings.of(table.name);
  counts.expected += rows.expected;
  counts.actual += rows.actual;
  comparison.options.telemetry.progress(table.name, Math.max(counts.expected, counts.actual));
}
