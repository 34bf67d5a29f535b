import type { Connection } from '@totesys/runtime';
import { type Dimension, type Fact, findSourceTable, joinsOf, type Model, quoteIdentifier } from '@totesys/schema';
import { findUnreadableKeys } from '@totesys/source';
import type { Hashing } from '../sql/cell.ts';
import { readHeld } from '../warehouse/read-held.ts';
import { aroundUnreadable } from './around-unreadable.ts';
import type { DifferingKey, Pair } from './compare-range.ts';
import { type ComparedTable, selectBroken } from './compared-table.ts';
import type { Excuse } from './difference.ts';

/** What excuses are read with. */
export interface ExcuseReading {
  readonly model: Model;
  readonly pair: Pair;
  readonly hashing: Hashing;
}

/** The excuses of those differing keys that have one. Keys whose rows the source cannot read join the table's unreadable ones instead. */
export async function readExcuses(
  table: ComparedTable,
  { model, pair, hashing }: ExcuseReading,
  keys: readonly DifferingKey[],
): Promise<Map<number, Excuse>> {
  const { source, warehouse } = pair;
  const wanted = keys.map(({ key }) => key);
  const rows = await aroundUnreadable(table, { source, hashing }, { keys: wanted }, () => {
    const { text, parameters } = selectBroken(table, table.expected, wanted);
    return source.unsafe(text, parameters as never[]);
  });
  const broken = new Set(rows.map(({ key }) => Number(key)));
  const held = await readHeld(warehouse, table.name, wanted);
  const excuses = new Map<number, Excuse>();
  for (const { key, kind } of keys) {
    if (broken.has(key)) excuses.set(key, 'quarantined');
    else if (held.has(key)) excuses.set(key, 'held');
    else if (kind === 'extra' && table.keepsRows) excuses.set(key, 'kept');
  }
  if (table.origin) {
    const rest = wanted.filter((key) => !excuses.has(key));
    for (const key of await findUnreadableRows(model, table.origin, source, rest)) table.unreadable.add(key);
  }
  return excuses;
}

// A column that the warehouse does not show may be the one that ingest cannot read, in the row or in one that it joins to.
async function findUnreadableRows(
  model: Model,
  table: Dimension | Fact,
  source: Connection,
  keys: readonly number[],
): Promise<Set<number>> {
  const origin = findSourceTable(model, table.source);
  const found = await findUnreadableKeys(source, origin, keys);
  if (table.kind === 'fact' || keys.length === 0) return found;
  for (const { by, table: name } of joinsOf(model).filter((join) => join.source === origin.name)) {
    const [key, column] = [origin.key, by].map(quoteIdentifier);
    const rows = await source.unsafe(
      `select ${key}::text as key, ${column}::text as by from public.${quoteIdentifier(origin.name)} where ${key} = any ($1::bigint[])`,
      [`{${keys.join(',')}}`],
    );
    const joined = new Set(rows.filter(({ by }) => by != null).map(({ by }) => Number(by)));
    const unreadable = await findUnreadableKeys(source, findSourceTable(model, name), [...joined]);
    for (const row of rows) if (row.by != null && unreadable.has(Number(row.by))) found.add(Number(row.key));
  }
  return found;
}
