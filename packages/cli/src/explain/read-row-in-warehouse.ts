import { type Connection, hasRelation, inTransaction, ONE_SNAPSHOT, type Pool } from '@totesys/runtime';
import { type Dimension, type Fact, warehouseRelation } from '@totesys/schema';
import { type HeldFact, type RecordedDeletion, readDeletions, readHeld } from '../sql/row-in-etl.ts';
import { readTableRows } from '../sql/row-in-table.ts';
import type { Values } from './find-row.ts';
import type { Subject } from './subject.ts';
import { changedColumns, type Version } from './versions.ts';

/** A row in a warehouse table; a dimension has no record id. */
export interface WarehouseRow {
  readonly table: string;
  readonly recordId: number | null;
  readonly isCurrent: boolean;
  /** The number of the version in the lake with these values, or null if there is none. */
  readonly version: number | null;
  readonly values: Values;
}

/** All that the warehouse has of the row. */
export interface RowInWarehouse {
  readonly rows: readonly WarehouseRow[];
  readonly deletions: readonly RecordedDeletion[];
  readonly held: readonly HeldFact[];
}

/** Reads all that the warehouse has of the row, and matches each of its rows with a version in the lake. */
export function readRowInWarehouse(
  warehouse: Pool,
  subject: Subject,
  versions: readonly Version[],
): Promise<RowInWarehouse> {
  return inTransaction(warehouse, ONE_SNAPSHOT, async (sql) => {
    const names = subject.tables.map(({ name }) => name);
    const deletions = (await hasRelation(sql, 'etl.deletion')) ? await readDeletions(sql, names, subject.key) : [];
    const held = (await hasRelation(sql, 'etl.held')) ? await readHeld(sql, names, subject.key) : [];
    const rows: WarehouseRow[] = [];
    for (const table of subject.tables) {
      const isDeleted = deletions.some((each) => each.table === table.name && each.restoredBatch === null);
      const found = await readTable(sql, table, subject.key, versions);
      rows.push(...found.map((row, i) => ({ ...row, isCurrent: i === found.length - 1 && !isDeleted })));
    }
    return { rows, deletions, held };
  });
}

async function readTable(
  sql: Connection,
  table: Dimension | Fact,
  key: number,
  versions: readonly Version[],
): Promise<Omit<WarehouseRow, 'isCurrent'>[]> {
  if (!(await hasRelation(sql, warehouseRelation(table.name)))) return [];
  const candidates = versions.filter((version) => version.table === table.name);
  return (await readTableRows(sql, table, key)).map(({ order, values }) => {
    // Rows and versions are in the same order, so a skipped version has no row in the warehouse.
    const at = candidates.findIndex((version) => changedColumns(table, version.values, values).length === 0);
    const [version] = at < 0 ? [undefined] : candidates.splice(0, at + 1).slice(-1);
    return {
      table: table.name,
      recordId: table.kind === 'fact' ? Number(order) : null,
      version: version?.number ?? null,
      values,
    };
  });
}
