import type { Sql } from '@totesys/runtime';
import { populate } from '@totesys/sandbox';
import {
  type ColumnType,
  factsOf,
  findSourceTable,
  lakeColumn,
  quoteIdentifier,
  totesysModel,
  type WarehouseColumn,
  type WarehouseTable,
} from '@totesys/schema';
import { createPipeline, type Pipeline } from '../pipeline.ts';

/**
 * A folder of a lake, its columns, and the rows that the databases say it has: as a set, since a lake repeats states.
 */
export interface LakeFolder {
  readonly path: string;
  readonly columns: readonly { readonly name: string; readonly kind: string; readonly scale: number }[];
  readonly rows: ReadonlySet<string>;
}

/** A pipeline with two batches, and what each folder of its lakes should show. */
export interface LakeWithHistory {
  readonly pipeline: Pipeline;
  readonly folders: readonly LakeFolder[];
}

/** A column as an engine shows it. */
export interface Shown {
  readonly name: string;
  readonly type: ColumnType;
  /** The column as text, in SQL. */
  readonly text: string;
}

/**
 * Makes a lake of two batches: all of it, then changes, deletions and a row in quarantine. The caller closes the
 * pipeline.
 */
export async function createLakeWithHistory(): Promise<LakeWithHistory> {
  const pipeline = await createPipeline();
  const source = pipeline.source.sql;
  await populate(source, { seed: 7, salesOrders: 120, purchaseOrders: 60 });
  await source`update sales_order set created_at = '1969-12-31 23:59:59.999', last_updated = '2031-07-01 00:00:00.001' where sales_order_id = 3`;
  await source`update staff set first_name = 'Zoë "🧵" \\N', last_name = '' where staff_id = 1`;
  await pipeline.run();
  const first = await dump(pipeline);
  await source`update sales_order set units_sold = 1, unit_price = 99999999.99 where sales_order_id = 3`;
  await source`update counterparty set counterparty_legal_name = 'nan' where counterparty_id = 2`;
  await source`delete from payment where transaction_id in (select transaction_id from transaction where sales_order_id in (5, 6))`;
  await source`delete from sales_order where sales_order_id in (5, 6)`;
  await source`update sales_order set agreed_delivery_date = 'soon ☎' where sales_order_id = 9`;
  await pipeline.run();
  const second = await dump(pipeline);
  const folders = [...second].map(([path, { columns, rows }]) => ({
    path,
    columns: columns.map(({ name, type }) => ({ name, kind: kindOf(type), scale: 'scale' in type ? type.scale : 0 })),
    rows: new Set([...(first.get(path)?.rows ?? []), ...rows]),
  }));
  return { pipeline, folders };
}

async function dump({ source, warehouse }: Pipeline) {
  const found = new Map<string, { columns: readonly Shown[]; rows: string[] }>();
  const add = async (path: string, sql: Sql, relation: string, columns: readonly Shown[]) => {
    const texts = columns.map(({ text }, i) => `${text} as c${i}`).join(', ');
    const rows = await sql.unsafe(`select ${texts} from ${relation}`);
    found.set(path, { columns, rows: rows.map((row) => JSON.stringify(columns.map((_, i) => row[`c${i}`]))) });
  };
  for (const { name, columns } of totesysModel.source) {
    const shown = Object.entries(columns).map(([column, { type }]) => show(column, type));
    await add(`ingestion/${name}`, source.sql, quoteIdentifier(name), shown);
  }
  for (const table of totesysModel.warehouse)
    await add(`processed/${table.name}`, warehouse.sql, table.name, lakeShown(table));
  for (const fact of factsOf(totesysModel)) {
    if (fact.name === 'fact_purchase_orders') continue;
    const { name, type } = fact.columns[0]!;
    const deleted = `etl.deletion where fact = '${fact.name}'`;
    await add(`processed/deleted_${fact.name}`, warehouse.sql, deleted, [{ name, type, text: 'id::text' }]);
    const key = findSourceTable(totesysModel, fact.source).key;
    await add(`ingestion/_deleted/${fact.source}`, warehouse.sql, deleted, [{ name: key, type, text: 'id::text' }]);
  }
  return found;
}

/** Returns the columns of a table as the lake has them: a date and a time of the warehouse are one timestamp. */
export function lakeShown(table: WarehouseTable): Shown[] {
  const columns = table.columns as readonly WarehouseColumn[];
  return columns.map((column) => {
    const { name, type } = lakeColumn(column);
    if (name === column.name) return show(name, type);
    const from = column.derivation.column;
    const date = columns.find(({ derivation }) => derivation.kind === 'dateOf' && derivation.column === from)!;
    return show(name, type, `(${quoteIdentifier(date.name)} + ${quoteIdentifier(column.name)})`);
  });
}

function show(name: string, type: ColumnType, value = quoteIdentifier(name)): Shown {
  if (type.kind === 'timestamp') return { name, type, text: `to_char(${value}, 'YYYY-MM-DD HH24:MI:SS.US')` };
  if (type.kind === 'numeric') return { name, type, text: `round(${value}, ${type.scale})::text` };
  return { name, type, text: `${value}::text` };
}

/** Returns how read_lake.py makes text of a value. */
export function kindOf({ kind }: ColumnType): string {
  if (kind === 'numeric') return 'decimal';
  if (kind === 'bigint' || kind === 'time') return 'integer';
  return ['boolean', 'integer', 'date', 'timestamp'].includes(kind) ? kind : 'text';
}
