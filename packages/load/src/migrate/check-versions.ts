import type { Connection } from '@totesys/runtime';
import { type Fact, warehouseRelation } from '@totesys/schema';
import { warehouseUnfit } from '../errors/warehouse-unfit.ts';

/** Throws where a fact that somebody else has made may have values of the model once only: each version of a row repeats some, or all. */
export async function checkVersions(sql: Connection, fact: Fact): Promise<void> {
  const rows = await sql.unsafe(
    `select i.indexrelid::regclass::text as name, array_agg(a.attname::text order by a.attnum) as columns
       from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any ((i.indkey::int2[])[0:i.indnkeyatts - 1])
      where i.indrelid = to_regclass($1::text) and i.indisunique and not i.indisprimary and i.indpred is null and i.indexprs is null
      group by i.indexrelid`,
    [warehouseRelation(fact.name)],
  );
  const ours = new Set(fact.columns.map(({ name }) => name));
  for (const { name, columns } of rows as unknown as readonly { name: string; columns: readonly string[] }[]) {
    if (!columns.every((column) => ours.has(column))) continue;
    const fault = `unique '${name}' allows one row for each ${columns.join(', ')}`;
    throw warehouseUnfit(fact.name, fault, 'as many as there are versions', 'one');
  }
}
