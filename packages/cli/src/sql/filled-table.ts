import { type Connection, hasRelation, query } from '@totesys/runtime';
import { type Model, warehouseRelation } from '@totesys/schema';

/** Returns the first warehouse table that has a row, or undefined if all are empty or missing. */
export async function findFilledTable(sql: Connection, model: Model): Promise<string | undefined> {
  for (const { name } of model.warehouse) {
    const relation = warehouseRelation(name);
    if (!(await hasRelation(sql, relation))) continue;
    const [row] = await query<{ filled: boolean }>(sql, { text: `select exists (select from ${relation}) as filled` });
    if (row?.filled === true) return name;
  }
  return undefined;
}
