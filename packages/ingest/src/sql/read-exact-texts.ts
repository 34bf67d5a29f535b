import { quoteIdentifier, type SourceTable } from '@totesys/schema';
import { carriedValue, keyColumn, qualified } from '@totesys/source';

/** A row's key, and its columns as JSON: an object of texts and nulls. */
export interface ExactTextsRow {
  readonly key: string;
  readonly row: string;
}

/**
 * Reads every column of the rows with the keys of $1 as the exact text that Postgres prints, with null in place of a
 * text that the lakes do not carry.
 */
export function readExactTexts(table: SourceTable): string {
  const key = keyColumn(table);
  const texts = Object.keys(table.columns).map(
    (name) => `(${carriedValue(table, name)})::text as ${quoteIdentifier(name)}`,
  );
  return `select ${key}::text as key, row_to_json(r)::text as row
            from ${qualified(table)} t, lateral (select ${texts.join(', ')}) r
           where ${key} = any ($1::bigint[])`;
}
