import { isText, MOST_TEXT_BYTES, quoteIdentifier, type SourceTable } from '@totesys/schema';

/** Returns the names of a table's columns that may have longer texts than the lakes carry. */
export function textColumns(table: SourceTable): string[] {
  return Object.keys(table.columns).filter((name) => isText(table.columns[name]!.type));
}

/** Returns the condition that a column of `t` has a longer text than the lakes carry. It reads no text from TOAST. */
export function exceedsLimit(name: string): string {
  return `octet_length(t.${quoteIdentifier(name)}) > ${MOST_TEXT_BYTES}`;
}

/** Returns the value of a column of `t`, with null in place of a text that the lakes do not carry. */
export function carriedValue(table: SourceTable, name: string): string {
  const value = `t.${quoteIdentifier(name)}`;
  return isText(table.columns[name]!.type) ? `case when ${exceedsLimit(name)} then null else ${value} end` : value;
}

/** Returns the mark of a row `t`: true if it has a text that the lakes do not carry, otherwise null. */
export function markLongTexts(table: SourceTable, names: readonly string[]): string[] {
  const long = textColumns(table).filter((name) => names.includes(name));
  return long.length === 0 ? [] : [`case when ${long.map(exceedsLimit).join(' or ')} then true end`];
}
