import { execute, type Sql } from '@totesys/runtime';
import { quoteIdentifier } from '@totesys/schema';
import { readSourceTables } from '../source/source-tables.ts';

/** Measures the floor of a tick: `count(*)` of each table, one table after another. */
export async function scanTables(source: Sql): Promise<void> {
  for (const { name } of await readSourceTables(source))
    await execute(source, { text: `select count(*) from public.${quoteIdentifier(name)}` });
}
