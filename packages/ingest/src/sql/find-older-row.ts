import type { SourceTable } from '@totesys/schema';
import { qualified } from '@totesys/source';

/**
 * Finds a row of the partitions with the oids of $1 whose transaction is not in the window with the low end $2 and
 * the span $3.
 */
export function findOlderRow(table: SourceTable): string {
  return `select true as found from ${qualified(table)} t
           where t.tableoid = any ($1::text::oid[])
             and ((t.xmin::text::bigint - $2::bigint) & 4294967295) >= $3::bigint
           limit 1`;
}
