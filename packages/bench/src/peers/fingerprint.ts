import { query, type Runner } from '@totesys/runtime';
import { quoteIdentifier } from '@totesys/schema';
import type { SourceColumn, SourceTable } from '../source/source-tables.ts';

/** The number of rows of a table, and a checksum of their values that does not depend on their order. */
export interface Fingerprint {
  readonly rows: string;
  readonly checksum: string | null;
}

/**
 * Returns the fingerprint of a table. Every value is cast to the type that it has in the source, so that equal values
 * in another type have the same checksum.
 */
export async function readFingerprint(sql: Runner, schema: string, table: SourceTable): Promise<Fingerprint> {
  const checksum = sumOf(table.columns.map(valueText));
  const [row] = await query<Fingerprint>(sql, {
    text: `select count(*)::text as rows, ${checksum} as checksum from ${nameOf(schema, table)}`,
  });
  return row!;
}

/** Returns a checksum for each column, of its values with their keys. */
export async function readColumnChecksums(
  sql: Runner,
  schema: string,
  table: SourceTable,
): Promise<readonly (string | null)[]> {
  const keys = table.columns.filter(({ name }) => table.key.includes(name)).map(valueText);
  const sums = table.columns.map((column) => sumOf([...keys, valueText(column)]));
  const [row] = await query<{ sums: (string | null)[] }>(sql, {
    text: `select json_build_array(${sums.join(', ')}) as sums from ${nameOf(schema, table)}`,
  });
  return row!.sums;
}

function valueText({ name, type, isEnum }: SourceColumn): string {
  return isEnum ? `${quoteIdentifier(name)}::text` : `${quoteIdentifier(name)}::${type}::text`;
}

// A sum, and not an exclusive or: two equal rows must not cancel each other.
function sumOf(values: readonly string[]): string {
  return `sum(hashtextextended(row(${values.join(', ')})::text, 0)::numeric)::text`;
}

const nameOf = (schema: string, { name }: SourceTable) => `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
