import {
  type ColumnType,
  type Dimension,
  type Fact,
  isText,
  MOST_TEXT_BYTES,
  quoteIdentifier,
  type SourceTable,
  type WarehouseColumn,
} from '@totesys/schema';
import { cellKind } from './cell.ts';

/** Arrow counts microseconds from 1970 in 64 bits, Postgres from 2000: the first timestamp that Arrow cannot carry. */
const FIRST_UNCARRIABLE = `timestamp '294247-01-10 04:00:54.775808'`;

/**
 * Returns whether transform writes a placeholder for a null: it does for each text of a dimension that must not be
 * null.
 */
export function hasPlaceholder(table: Dimension | Fact, column: WarehouseColumn): boolean {
  return table.kind === 'dimension' && !column.nullable && cellKind(column.type) === 'text';
}

/**
 * Returns an SQL condition for the source rows that the contract sends to quarantine: a text that is no date, a null
 * that is not allowed, a value that Arrow cannot carry, a text of the row or of a row that it joins to that is too long
 * for the lakes. `values` are the expressions of the table's columns.
 */
export function breaksContract(table: Dimension | Fact, source: SourceTable, values: readonly string[]): string {
  const derived = table.columns.flatMap((column, i) => {
    const faults = column.nullable || hasPlaceholder(table, column) ? [] : [`${values[i]} is null`];
    if (column.derivation.kind === 'parsedDate') faults.push(`not ${isDate(values[i]!)}`);
    if (column.derivation.kind === 'joined' && isText(column.type))
      faults.push(`not coalesce(${isShort(values[i]!)}, true)`);
    return faults;
  });
  const uncarriable = Object.entries(source.columns).flatMap(([name, { type }]) =>
    isCarriable(`s.${quoteIdentifier(name)}`, type).map((term) => `not coalesce(${term}, true)`),
  );
  return `(${[...derived, ...uncarriable, 'false'].join(' or ')})`;
}

function isCarriable(value: string, type: ColumnType): string[] {
  switch (type.kind) {
    case 'numeric':
      // Postgres orders NaN above every number, so the first condition refuses it too.
      return [
        `abs(${value}) < 1${'0'.repeat(type.precision - type.scale)}`,
        `${value} = round(${value}, ${type.scale})`,
      ];
    case 'date':
      return [`isfinite(${value})`];
    case 'time':
      return [`${value} < time '24:00'`];
    case 'timestamp':
      return [`isfinite(${value})`, `${value} < ${FIRST_UNCARRIABLE}`];
    case 'text':
    case 'varchar':
      return [isShort(value)];
    default:
      return [];
  }
}

// Reads no text from TOAST.
function isShort(text: string): string {
  return `octet_length(${text}) <= ${MOST_TEXT_BYTES}`;
}

// CASE, because a pattern throws for a text of 256 MiB, and make_date for a day that does not exist: each branch
// protects the next.
function isDate(text: string): string {
  const part = (from: number, length: number) => `substr(${text}, ${from}, ${length})::int`;
  const [year, month, day] = [part(1, 4), part(6, 2), part(9, 2)];
  const lastDay = `extract(day from make_date(${year}, ${month}, 1) + interval '1 month' - interval '1 day')`;
  return `case when ${text} is null then true
    when octet_length(${text}) <> 10 then false
    when ${text} !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' then false
    when ${year} = 0 or ${month} not between 1 and 12 or ${day} = 0 then false
    else ${day} <= ${lastDay} end`;
}
