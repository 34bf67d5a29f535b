import { query, type Sql } from '@totesys/runtime';
import { until } from '@totesys/sandbox';

// A backend adds what it read to the statistics when it ends.
const selectOthers = `select from pg_stat_activity
   where datname = current_database() and backend_type = 'client backend' and application_name <> 'totesys-bench'`;

const selectRowsRead = `select ((select coalesce(sum(seq_tup_read), 0) from pg_stat_user_tables)
       + (select coalesce(sum(idx_tup_read), 0) from pg_stat_user_indexes))::text as rows`;

/** Returns how many rows and entries of indexes all sessions of a database have read since its creation. */
export async function readRowsRead(sql: Sql): Promise<number> {
  await until(
    'the end of other sessions of the source',
    async () => (await query(sql, { text: selectOthers })).length === 0,
  );
  const [row] = await query<{ rows: string }>(sql, { text: selectRowsRead });
  return Number(row!.rows);
}
