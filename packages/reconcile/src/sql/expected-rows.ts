import {
  type ColumnType,
  type Dimension,
  type Fact,
  findSourceTable,
  type Join,
  joinsOf,
  type Model,
  quoteIdentifier,
  type SourceTable,
  type WarehouseColumn,
} from '@totesys/schema';
import type { Rows } from '../rows/compared-table.ts';
import type { CurrencyNames } from '../rows/currency-names.ts';
import { cellKind } from './cell.ts';

/** What a dimension shows where a text must not be null and nothing can be derived. */
const UNKNOWN = 'Unknown';
/** Arrow counts microseconds from 1970 in 64 bits, Postgres from 2000: here its first that do not fit. */
const FIRST_UNCARRIABLE = `timestamp '294247-01-10 04:00:54.775808'`;

/**
 * What the warehouse should hold, computed by SQL on the source: a second way to the same values, which shares the declarations with
 * transform and no code. A date that is spelled in text stays text, since the contract's spelling is the one that Postgres writes.
 */
export function expectedRows(model: Model, table: Dimension | Fact, currencies: CurrencyNames): Rows {
  const source = findSourceTable(model, table.source);
  const key = `s.${quoteIdentifier(source.key)}`;
  const relation = `public.${quoteIdentifier(source.name)} s`;
  const parameters: unknown[] = [];
  const bind = (value: unknown, type: string) => `$${parameters.push(value)}::${type}`;
  const joins = joinsOf(model)
    .filter((join) => join.source === source.name)
    .map((join) => joinTable(model, join));
  const values = table.columns.map((column) => {
    const { derivation } = column;
    if (derivation.kind !== 'currencyName') return derivedValue(column, source);
    const [codes, names] = [bind(currencies.codes, 'text[]'), bind(currencies.names, 'text[]')];
    const code = `s.${quoteIdentifier(derivation.column)}::text`;
    return `(select names.name from unnest(${codes}, ${names}) names (code, name) where names.code = ${code} collate "C")`;
  });
  const cells = table.columns.map((column, i) => {
    if (!hasPlaceholder(table, column)) return `${values[i]} as c${i}`;
    return `coalesce(${values[i]}, ${bind(column.placeholder ?? UNKNOWN, 'text')}) as c${i}`;
  });
  return {
    key,
    parameters,
    bounds: { text: `select min(${key})::text as first, max(${key})::text as last from ${relation}`, parameters: [] },
    select: (where) =>
      `select ${key}::bigint as k, ${cells.join(', ')}, ${breaksContract(table, source, values)} as broken
         from ${relation} ${joins.join(' ')} where ${where}`,
  };
}

function joinTable(model: Model, { by, table }: Join): string {
  const target = findSourceTable(model, table);
  const alias = aliasOf(by);
  return `left join public.${quoteIdentifier(target.name)} ${alias}
    on ${alias}.${quoteIdentifier(target.key)} = s.${quoteIdentifier(by)}`;
}

const aliasOf = (by: string) => quoteIdentifier(`by ${by}`);

function derivedValue({ derivation, type }: WarehouseColumn, source: SourceTable): string {
  switch (derivation.kind) {
    case 'joined':
      return asKind(`${aliasOf(derivation.by)}.${quoteIdentifier(derivation.column)}`, type);
    case 'dateOf':
      return `s.${quoteIdentifier(derivation.column)}::date`;
    case 'timeOf':
      return `s.${quoteIdentifier(derivation.column)}::time`;
    case 'parsedDate':
      return `s.${quoteIdentifier(derivation.column)}::text`;
    case 'column': {
      const column = `s.${quoteIdentifier(derivation.column)}`;
      return source.columns[derivation.column]?.type.kind === 'enum' ? `${column}::text` : asKind(column, type);
    }
    case 'currencyName':
      throw new Error('A currency has its name from a list.');
  }
}

function asKind(value: string, type: ColumnType): string {
  return cellKind(type) === 'text' ? `${value}::text` : value;
}

// As transform does: whatever text a dimension must have and the source has not.
function hasPlaceholder(table: Dimension | Fact, column: WarehouseColumn): boolean {
  return table.kind === 'dimension' && !column.nullable && cellKind(column.type) === 'text';
}

// The rows that the contract sends into quarantine: a text that is no date, a null that must not be, a value that Arrow cannot carry.
function breaksContract(table: Dimension | Fact, source: SourceTable, values: readonly string[]): string {
  const derived = table.columns.flatMap((column, i) => {
    const faults = column.nullable || hasPlaceholder(table, column) ? [] : [`${values[i]} is null`];
    if (column.derivation.kind === 'parsedDate') faults.push(`not ${isDate(values[i]!)}`);
    return faults;
  });
  const odd = Object.entries(source.columns).flatMap(([name, { type }]) =>
    isCarriable(`s.${quoteIdentifier(name)}`, type).map((term) => `not coalesce(${term}, true)`),
  );
  return `(${[...derived, ...odd, 'false'].join(' or ')})`;
}

function isCarriable(value: string, type: ColumnType): string[] {
  switch (type.kind) {
    case 'numeric':
      // NaN is above every number, and so is no number of so many digits either.
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
    default:
      return [];
  }
}

// A CASE decides before it evaluates what would fail: make_date throws where there is no such day.
function isDate(text: string): string {
  const part = (from: number, length: number) => `substr(${text}, ${from}, ${length})::int`;
  const lastDay = `extract(day from make_date(${part(1, 4)}, ${part(6, 2)}, 1) + interval '1 month' - interval '1 day')`;
  return `case when ${text} is null then true
    when ${text} !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' then false
    when ${part(1, 4)} = 0 or ${part(6, 2)} not between 1 and 12 or ${part(9, 2)} = 0 then false
    else ${part(9, 2)} <= ${lastDay} end`;
}
