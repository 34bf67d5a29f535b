import { quoteIdentifier, type SourceTable } from '@totesys/schema';
import { keyColumn, qualified, textColumns } from '@totesys/source';

/** The length of a text in bytes; `place` is the place of its column among the table's text columns. */
export interface TextLengthRow {
  readonly key: string;
  readonly place: number;
  readonly bytes: number;
}

/** Reads the lengths of all texts in the rows with the keys of $1. It reads no text from TOAST. */
export function measureTexts(table: SourceTable): string {
  const lengths = textColumns(table).map((name, place) => `(${place}, octet_length(t.${quoteIdentifier(name)}))`);
  const key = keyColumn(table);
  return `select ${key}::text as key, place, bytes
            from ${qualified(table)} t, lateral (values ${lengths.join(', ')}) lengths (place, bytes)
           where ${key} = any ($1::bigint[]) and bytes is not null
           order by ${key}, place`;
}

/** The SHA-256 of a text. */
export interface TextHashRow {
  readonly sha256: string;
}

/** Computes the SHA-256 of a column's text in UTF-8, in the row with the key $1: only the server reads the text. */
export function hashText(table: SourceTable, column: string): string {
  return `select encode(sha256(convert_to(t.${quoteIdentifier(column)}, 'UTF8')), 'hex') as sha256
            from ${qualified(table)} t where ${keyColumn(table)} = $1::bigint`;
}
