import { query, type Sql, type Statement } from '@totesys/runtime';
import type { Arrivals } from './follower.ts';

/**
 * Returns the arrivals that a statement selects as `mark` and `xid`: a row arrives when the transaction that wrote
 * it commits. Returns none while `table` does not exist or has no row: the tool's first load may still lock its tables,
 * and a reader could deadlock with it.
 */
export async function readMarks(target: Sql, table: string, { text, parameters = [] }: Statement): Promise<Arrivals> {
  const [found] = await query<{ exists: boolean }>(target, { text: EXISTS, parameters: [table] });
  if (!found!.exists) return new Map();
  const first = await query(target, { text: `select from ${table} limit 1` });
  if (first.length === 0) return new Map();
  const rows = await query<{ mark: number; at: number }>(target, { text: arrivalsOf(text), parameters });
  return new Map(rows.map(({ mark, at }) => [mark, at]));
}

const EXISTS = 'select to_regclass($1) is not null as exists';

const arrivalsOf = (select: string) => `
  select mark, extract(epoch from min(pg_xact_commit_timestamp(xid)))::float8 as at
    from (${select}) arrived
   group by mark`;
