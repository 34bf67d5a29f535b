import { type Connection, hasRelation, inTransaction, ONE_SNAPSHOT, type Pool } from '@totesys/runtime';
import { type Dimension, type Fact, quoteIdentifier, warehouseRelation } from '@totesys/schema';
import type { Values } from './find-row.ts';
import type { Subject } from './subject.ts';
import { changedColumns, type Version } from './versions.ts';

/** A row that a warehouse table has of the subject; a dimension's has no record id. */
export interface WarehouseRow {
  readonly table: string;
  readonly recordId: number | null;
  readonly isCurrent: boolean;
  /** The number of the version of the lake that it shows, null where the lake has none such. */
  readonly version: number | null;
  readonly values: Values;
}

/** A deletion of a fact that the warehouse has recorded. */
export interface RecordedDeletion {
  readonly table: string;
  readonly deletedBatch: number;
  readonly restoredBatch: number | null;
}

/** A fact that waits in the warehouse for rows of dimensions. */
export interface HeldFact {
  readonly table: string;
  readonly batch: number;
  readonly missing: readonly string[];
}

/** What the warehouse says of the subject. */
export interface WarehouseStory {
  readonly rows: readonly WarehouseRow[];
  readonly deletions: readonly RecordedDeletion[];
  readonly held: readonly HeldFact[];
}

/** Reads all that the warehouse has of the subject, each row matched with the version of the lake that it shows. */
export function readWarehouse(sql: Pool, subject: Subject, versions: readonly Version[]): Promise<WarehouseStory> {
  return inTransaction(sql, ONE_SNAPSHOT, (snapshot) => readSnapshot(snapshot, subject, versions));
}

async function readSnapshot(sql: Connection, subject: Subject, versions: readonly Version[]): Promise<WarehouseStory> {
  const [deletions, held] = [await readDeletions(sql, subject), await readHeld(sql, subject)];
  const rows: WarehouseRow[] = [];
  for (const table of subject.tables) {
    const isDeleted = deletions.some((each) => each.table === table.name && each.restoredBatch === null);
    rows.push(...(await readTable(sql, table, subject.key, versions, isDeleted)));
  }
  return { rows, deletions, held };
}

async function readTable(
  sql: Connection,
  table: Dimension | Fact,
  key: number,
  versions: readonly Version[],
  isDeleted: boolean,
): Promise<WarehouseRow[]> {
  const relation = warehouseRelation(table.name);
  if (!(await hasRelation(sql, relation))) return [];
  const order = quoteIdentifier(table.kind === 'fact' ? table.recordId : table.key);
  const texts = table.columns.map(({ name }, i) => `${quoteIdentifier(name)}::text as "c${i}"`);
  const found = await sql.unsafe(
    `select ${order}::text as "#id", ${texts.join(', ')} from ${relation} where ${quoteIdentifier(table.key)} = $1::bigint order by ${order}`,
    [String(key)],
  );
  const waiting = versions.filter((version) => version.table === table.name);
  return found.map((row, i) => {
    const values = Object.fromEntries(table.columns.map(({ name }, c) => [name, row[`c${c}`] as string | null]));
    // Rows and versions come in the same order: one that is passed over has not become a row.
    const at = waiting.findIndex((version) => changedColumns(table, version.values, values).length === 0);
    const [version] = at < 0 ? [undefined] : waiting.splice(0, at + 1).slice(-1);
    return {
      table: table.name,
      recordId: table.kind === 'fact' ? Number(row['#id']) : null,
      isCurrent: i === found.length - 1 && !isDeleted,
      version: version?.number ?? null,
      values,
    };
  });
}

async function readDeletions(sql: Connection, { tables, key }: Subject): Promise<RecordedDeletion[]> {
  if (!(await hasRelation(sql, 'etl.deletion'))) return [];
  const rows = await sql.unsafe(
    `select fact as table, deleted_batch as "deletedBatch", restored_batch as "restoredBatch" from etl.deletion
      where fact = any ($1::text[]) and id = $2::bigint order by fact, deleted_batch`,
    [namesOf(tables), String(key)],
  );
  return rows.map((row) => ({ ...row }) as unknown as RecordedDeletion);
}

async function readHeld(sql: Connection, { tables, key }: Subject): Promise<HeldFact[]> {
  if (!(await hasRelation(sql, 'etl.held'))) return [];
  const rows = await sql.unsafe(
    'select fact as table, batch, missing from etl.held where fact = any ($1::text[]) and id = $2::bigint order by fact',
    [namesOf(tables), String(key)],
  );
  return rows.map((row) => ({ ...row }) as unknown as HeldFact);
}

// The client takes an array where the types know of texts alone.
function namesOf(tables: readonly { readonly name: string }[]): string {
  return tables.map(({ name }) => name) as unknown as string;
}
