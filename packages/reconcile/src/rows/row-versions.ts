import { type Connection, query } from '@totesys/runtime';
import { type Dimension, type Fact, findSourceTable, joinsOf, type Model, type SourceTable } from '@totesys/schema';
import type { CarriedRows, RowXmin } from '@totesys/source';
import { readClock, selectVersions, type VersionRow } from '../sql/row-versions.ts';

/**
 * The source rows from which a row of the warehouse derives, as a snapshot shows them: the row of its key and the rows
 * that it joins to.
 */
export interface RowVersions {
  readonly rows: readonly { readonly table: SourceTable; readonly row: RowXmin }[];
  /** Equal names mean the same versions: no transaction has written any of these rows between the two reads. */
  readonly name: string;
}

/**
 * Reads the versions of the source rows for the given keys of a warehouse table, and the source's clock after the
 * snapshot.
 */
export async function readRowVersions(
  source: Connection,
  model: Model,
  table: Dimension | Fact,
  rows: readonly { readonly key: number }[],
): Promise<{ versions: Map<number, RowVersions>; clock: string }> {
  const origin = findSourceTable(model, table.source);
  const joins = joinsOf(model).filter((join) => join.source === origin.name && table.kind === 'dimension');
  const targets = joins.map((join) => findSourceTable(model, join.table));
  const keys = rows.map(({ key }) => key);
  const versions = await query<VersionRow>(source, selectVersions(model, origin, joins, keys));
  const found = new Map(versions.map((row) => [Number(row.key), row]));
  const [now] = await query<{ clock: string }>(source, readClock);
  return {
    versions: new Map(keys.map((key) => [key, describeVersions(key, found.get(key), origin, targets)])),
    clock: now!.clock,
  };
}

function describeVersions(
  key: number,
  row: VersionRow | undefined,
  origin: SourceTable,
  targets: readonly SourceTable[],
): RowVersions {
  const rows = [{ table: origin, row: { key, xmin: row && Number(row.xmin) } }];
  targets.forEach((table, i) => {
    const by = row?.[`by${i}`];
    if (by == null) return;
    const xmin = row?.[`xmin${i}`];
    rows.push({ table, row: { key: Number(by), xmin: xmin == null ? undefined : Number(xmin) } });
  });
  const name = rows.map(({ row }) => `${row.key}@${row.xmin ?? 'deleted'}`).join(' ');
  return { rows, name };
}

/** Returns whether the loaded batches carry all of the rows in these versions. */
export function isCarried(carried: CarriedRows, versions: RowVersions): boolean {
  return versions.rows.every(({ table, row }) => carried.has(table, row));
}
