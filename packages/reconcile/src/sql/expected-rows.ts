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
import { breaksContract, hasPlaceholder } from './breaks-contract.ts';
import { cellKind } from './cell.ts';
import { ParameterList, type SideRows } from './side-rows.ts';

/** What a dimension shows for a text that must not be null and that the source lacks. */
const UNKNOWN = 'Unknown';

/** The names of currency codes: two lists of equal length. */
export interface CurrencyNames {
  readonly codes: readonly string[];
  readonly names: readonly string[];
}

/**
 * Returns the rows that the warehouse should have, computed by SQL on the source from the declarations of the model. It
 * shares no code with transform. A date that the source has as text stays text: the contract spells dates as Postgres
 * does.
 */
export function expectedRows(model: Model, table: Dimension | Fact, currencies: CurrencyNames): SideRows {
  const source = findSourceTable(model, table.source);
  const key = `s.${quoteIdentifier(source.key)}`;
  const relation = `public.${quoteIdentifier(source.name)} s`;
  const parameters = new ParameterList();
  const joins = joinsOf(model)
    .filter((join) => join.source === source.name)
    .map((join) => joinTable(model, join));
  const values = table.columns.map((column) =>
    column.derivation.kind === 'currencyName'
      ? currencyName(column.derivation.column, currencies, parameters)
      : derivedValue(column, source),
  );
  const cells = table.columns.map((column, i) => {
    if (!hasPlaceholder(table, column)) return `${values[i]} as c${i}`;
    return `coalesce(${values[i]}, ${parameters.bind(column.placeholder ?? UNKNOWN, 'text')}) as c${i}`;
  });
  return {
    key,
    parameters: parameters.values,
    bounds: { text: `select min(${key})::text as first, max(${key})::text as last from ${relation}` },
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

function currencyName(column: string, { codes, names }: CurrencyNames, parameters: ParameterList): string {
  const lists = [parameters.bind(codes, 'text[]'), parameters.bind(names, 'text[]')];
  const code = `s.${quoteIdentifier(column)}::text`;
  return `(select names.name from unnest(${lists.join(', ')}) names (code, name)
    where names.code = ${code} collate "C")`;
}

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
      throw new Error('The name of a currency comes from a list, not from an expression.');
  }
}

function asKind(value: string, type: ColumnType): string {
  return cellKind(type) === 'text' ? `${value}::text` : value;
}
