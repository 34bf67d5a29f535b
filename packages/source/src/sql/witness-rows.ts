import { quoteIdentifier, quoteIdentifiers, type SourceTable } from '@totesys/schema';
import { qualified } from './select-rows.ts';

/**
 * The rows of each table with the keys of its parameter: their xmin and, where asked for, the start of the SHA-256 of their values. record_send gives
 * the binary form of the values, which depends on no setting; sha256() works where md5() is switched off (FIPS).
 */
export function selectWitnessRows(tables: readonly SourceTable[], withHash: boolean): string {
  const selects = tables.map((table, i) => {
    const key = `t.${quoteIdentifier(table.key)}`;
    const values = quoteIdentifiers(Object.keys(table.columns), 't');
    const hash = withHash ? `left(encode(sha256(record_send(row(${values}))), 'hex'), 16)` : 'null::text';
    return `select ${i} as table, ${key}::text as key, t.xmin::text as shown, ${hash} as hash
              from ${qualified(table)} t where ${key} = any ($${i + 1}::bigint[])`;
  });
  return selects.join(' union all ');
}

/** When the server started, and which transactions of $1 are known not to be committed. The status of an old one is null. */
export const readServerWitness = `
select to_char(pg_postmaster_start_time() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') as started_at,
       array(select id from unnest($1::text[]) id where pg_xact_status(id::xid8) <> 'committed') as uncommitted`;
