import { inTransaction, type Pool, query, type TransactionOptions } from '@totesys/runtime';

/** The columns and the rows that a query returns, each value as Postgres writes it in JSON; null stays null. */
export interface AnswerRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** How a question is asked. */
export interface AskOptions {
  /** The most rows that are read. */
  readonly mostRows: number;
  /** The server's limit for the query: milliseconds. */
  readonly statementTimeoutMs: number;
}

/** The names in a question are those of schema public; everything else is qualified. */
const SEARCH_PATH = 'pg_catalog, public, pg_temp';

// JSON keeps the order of the columns and every digit of a number.
const wrap = (sql: string) => `
  select array_agg(c.key order by c.place) as columns, array_agg(c.value order by c.place) as values
    from (select row_number() over () as place, to_json(q) as row from (${sql}) q limit $1::integer) r,
         json_each_text(r.row) with ordinality c(key, value, place)
   group by r.place order by r.place`;

/** Runs a query of docs/questions.md in a transaction that can only read, and returns its first rows. */
export async function readAnswer(pool: Pool, sql: string, options: AskOptions): Promise<AnswerRows> {
  const { mostRows, statementTimeoutMs } = options;
  const mode: TransactionOptions = {
    mode: 'repeatable read read only',
    statementTimeoutMs,
    searchPath: SEARCH_PATH,
  };
  const found = await inTransaction(pool, mode, (transaction) =>
    query<{ columns: string[]; values: (string | null)[] }>(transaction, { text: wrap(sql), parameters: [mostRows] }),
  );
  return { columns: found[0]?.columns ?? [], rows: found.map(({ values }) => values) };
}
