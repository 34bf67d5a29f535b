import { quoteIdentifiers, type SourceTable } from '@totesys/schema';
import { keyColumn, qualified } from './row-selection.ts';

/** A witness row; `table` is the index of its table, `shown` its xmin. */
export interface SelectedWitnessRow {
  readonly table: number;
  readonly key: string;
  readonly shown: string;
  readonly hash: string | null;
}

/**
 * Reads the rows of each table with the keys of its parameter: their xmin and, if asked for, the start of the SHA-256
 * of their values. record_send returns the binary form of the values, which depends on no setting; sha256() works
 * under FIPS, which forbids md5().
 */
export function selectWitnessRows(tables: readonly SourceTable[], withHash: boolean): string {
  const selects = tables.map((table, i) => {
    const key = keyColumn(table);
    const values = quoteIdentifiers(Object.keys(table.columns), 't');
    const hash = withHash ? `left(encode(sha256(record_send(row(${values}))), 'hex'), 16)` : 'null::text';
    return `select ${i} as table, ${key}::text as key, t.xmin::text as shown, ${hash} as hash
              from ${qualified(table)} t where ${key} = any ($${i + 1}::bigint[])`;
  });
  return selects.join(' union all ');
}

/** A server's start in UTC, and the transactions that are not committed. */
export interface ServerWitnessRow {
  readonly started_at: string;
  readonly uncommitted: readonly string[];
}

/**
 * Reads when the server started, and which transactions of $1 are known not to be committed. The status of an old
 * transaction is null.
 */
export const readServerWitness = `
select to_char(pg_postmaster_start_time() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') as started_at,
       array(select id from unnest($1::text[]) id where pg_xact_status(id::xid8) <> 'committed') as uncommitted`;
