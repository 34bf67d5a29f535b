import { type Connection, query, type Statement } from '@totesys/runtime';
import { type Dimension, type Fact, findSourceTable, joinsOf, type Model, quoteIdentifier } from '@totesys/schema';
import { findUnreadableKeys } from '@totesys/source';
import { selectBroken } from '../sql/select-rows.ts';
import { arrayOfKeys } from '../sql/side-rows.ts';
import { readHeld } from '../warehouse/read-held.ts';
import { aroundUnreadable } from './around-unreadable.ts';
import type { DifferingKey } from './compare-range.ts';
import type { ComparedTable } from './compared-table.ts';
import type { Comparison } from './comparison.ts';
import type { Excuse } from './difference.ts';
import type { Findings } from './findings.ts';
import type { Pair } from './snapshots.ts';

/**
 * Counts the differing keys that have an excuse and returns the others. A key whose row the source cannot read is
 * neither counted nor returned, but added to the table's unreadable rows.
 */
export async function excuseKeys(
  { options, findings }: Comparison,
  table: ComparedTable,
  pair: Pair,
  keys: readonly DifferingKey[],
): Promise<DifferingKey[]> {
  const excuses = await readExcuses(table, pair, keys);
  for (const [key, excuse] of excuses) findings.addExcused({ table: table.name, id: table.describeKey(key), excuse });
  if (table.origin) {
    const rest = keys.map(({ key }) => key).filter((key) => !excuses.has(key));
    for (const key of await findUnreadableRows(options.model, table.origin, pair.source, rest))
      table.unreadable.add(key);
  }
  return keys.filter(({ key }) => !excuses.has(key) && !table.unreadable.has(key));
}

/**
 * Counts rows that the source cannot read as quarantined: each is in quarantine, or the warehouse has its last readable
 * state.
 */
export function addUnreadable(findings: Findings, table: ComparedTable, keys: Iterable<number>): void {
  for (const key of keys) {
    findings.addExcused({ table: table.name, id: table.describeKey(key), excuse: 'quarantined' });
  }
}

async function readExcuses(
  table: ComparedTable,
  { source, warehouse }: Pair,
  keys: readonly DifferingKey[],
): Promise<Map<number, Excuse>> {
  const wanted = keys.map(({ key }) => key);
  const rows = await aroundUnreadable(table, source, { keys: wanted }, () =>
    query<{ key: string }>(source, selectBroken(table, table.expected, wanted)),
  );
  const broken = new Set(rows.map(({ key }) => Number(key)));
  const held = await readHeld(warehouse, table.name, wanted);
  const excuses = new Map<number, Excuse>();
  for (const { key, kind } of keys) {
    if (broken.has(key)) excuses.set(key, 'quarantined');
    else if (held.has(key)) excuses.set(key, 'held');
    else if (kind === 'extra' && table.keepsRows) excuses.set(key, 'kept');
  }
  return excuses;
}

// A column that the warehouse lacks may be the one that ingest cannot read, in the row itself or in a row that it joins
// to.
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
    const rows = await query<JoinedRow>(source, selectJoined(origin, by, keys));
    const joined = new Set(rows.filter(({ by }) => by != null).map(({ by }) => Number(by)));
    const unreadable = await findUnreadableKeys(source, findSourceTable(model, name), [...joined]);
    for (const row of rows) if (row.by != null && unreadable.has(Number(row.by))) found.add(Number(row.key));
  }
  return found;
}

interface JoinedRow {
  readonly key: string;
  readonly by: string | null;
}

function selectJoined(
  origin: { readonly name: string; readonly key: string },
  by: string,
  keys: readonly number[],
): Statement {
  const [key, column] = [origin.key, by].map(quoteIdentifier);
  return {
    text: `
select ${key}::text as key, ${column}::text as by
  from public.${quoteIdentifier(origin.name)} where ${key} = any ($1::bigint[])`,
    parameters: [arrayOfKeys(keys)],
  };
}
