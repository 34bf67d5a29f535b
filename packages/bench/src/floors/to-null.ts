import { copyOut, type Sql } from '@totesys/runtime';
import { readSourceTables } from '../source/source-tables.ts';
import { copyTable } from './pipes.ts';
import { dropWithPsql } from './psql.ts';

/**
 * Measures the floor of reading the source: binary COPY of each table, whose output is dropped. If psql is installed,
 * it runs the COPY, otherwise this process does.
 */
export async function readToNull(source: Sql, sourceUrl: string, hasPsql: boolean): Promise<void> {
  for (const table of await readSourceTables(source)) {
    if (hasPsql) await dropWithPsql(sourceUrl, copyTable(table));
    else
      for await (const chunk of copyOut(source, copyTable(table)))
        if (chunk.length < 0) throw new Error('A chunk has a negative length.');
  }
}
