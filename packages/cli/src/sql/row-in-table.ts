import { type Connection, query } from '@totesys/runtime';
import { type Dimension, type Fact, quoteIdentifier, warehouseRelation } from '@totesys/schema';

/** A row of a warehouse table as texts. */
interface TableRow {
  /** The record id of a fact, the key of a dimension. */
  readonly order: string;
  readonly values: Readonly<Record<string, string | null>>;
}

/** Reads the rows with a key of a warehouse table, all versions of a fact in their order. */
export async function readTableRows(sql: Connection, table: Dimension | Fact, key: number): Promise<TableRow[]> {
  const order = quoteIdentifier(table.kind === 'fact' ? table.recordId : table.key);
  // Numbered names, since a column may have any name.
  const texts = table.columns.map(({ name }, i) => `${quoteIdentifier(name)}::text as "c${i}"`);
  const text = `
    select ${order}::text as "#id", ${texts.join(', ')}
      from ${warehouseRelation(table.name)}
     where ${quoteIdentifier(table.key)} = $1::bigint
     order by ${order}`;
  const rows = await query<Record<string, string | null>>(sql, { text, parameters: [String(key)] });
  return rows.map((row) => ({
    order: row['#id'] ?? '',
    values: Object.fromEntries(table.columns.map(({ name }, i) => [name, row[`c${i}`] ?? null])),
  }));
}
