import {
  type Derivation,
  type Dimension,
  type Fact,
  findSourceTable,
  type Model,
  quoteIdentifier,
  type WarehouseColumn,
} from '@totesys/schema';

/** A statement with its bind parameters; each row is the key, then texts in the order of the table's columns. */
export interface Statement {
  readonly text: string;
  readonly parameters: readonly string[];
}

/** The name under which a statement gives the key, as an integer. */
export const KEY = '#key';
/** The name under which the source's statement says that a fact's row breaks the contract. */
export const BROKEN = '#broken';

/**
 * What the warehouse should hold, computed by SQL on the source: a second way to the same values, which shares the declarations with
 * transform and no code. Every value is text, as exact as Postgres writes it; decimals without trailing zeros.
 */
export function selectExpected(model: Model, table: Dimension | Fact): Statement {
  const source = findSourceTable(model, table.source);
  const parameters: string[] = [];
  const joins = new Map<string, string>();
  const columns = table.columns.map((column, index) => {
    const value = expectedValue(column, joins, model);
    if (column.placeholder === undefined) return `${value} as c${index}`;
    parameters.push(column.placeholder);
    return `coalesce(${value}, $${parameters.length}) as c${index}`;
  });
  const broken = table.kind === 'fact' ? breaks(model, table) : 'false';
  return {
    text: `select s.${quoteIdentifier(source.key)} as "${KEY}", ${broken} as "${BROKEN}", ${columns.join(', ')}
      from public.${quoteIdentifier(source.name)} s ${[...joins.values()].join(' ')}
     order by s.${quoteIdentifier(source.key)}`,
    parameters,
  };
}

/** What the warehouse does hold: a dimension's rows, or each fact's current version. */
export function selectActual(table: Dimension | Fact): Statement {
  const relation = table.kind === 'fact' ? `current_${table.name}` : table.name;
  const columns = table.columns.map((column, index) => `${asText(quoteIdentifier(column.name), column)} as c${index}`);
  return {
    text: `select ${quoteIdentifier(table.key)} as "${KEY}", ${columns.join(', ')}
      from public.${quoteIdentifier(relation)} order by ${quoteIdentifier(table.key)}`,
    parameters: [],
  };
}

function expectedValue(column: WarehouseColumn, joins: Map<string, string>, model: Model): string {
  const { derivation } = column;
  switch (derivation.kind) {
    case 'column':
    case 'currencyName':
      return asText(`s.${quoteIdentifier(derivation.column)}`, column);
    case 'joined':
      return asText(`${joinOf(derivation, joins, model)}.${quoteIdentifier(derivation.column)}`, column);
    case 'dateOf':
      return `s.${quoteIdentifier(derivation.column)}::date::text`;
    case 'timeOf':
      return `s.${quoteIdentifier(derivation.column)}::time::text`;
    case 'parsedDate':
      // The contract's spelling is the one in which Postgres writes a date.
      return `s.${quoteIdentifier(derivation.column)}::text`;
  }
}

function joinOf(derivation: Derivation & { kind: 'joined' }, joins: Map<string, string>, model: Model): string {
  const alias = quoteIdentifier(`by ${derivation.by}`);
  const target = findSourceTable(model, derivation.table);
  joins.set(
    derivation.by,
    `left join public.${quoteIdentifier(target.name)} ${alias}
       on ${alias}.${quoteIdentifier(target.key)} = s.${quoteIdentifier(derivation.by)}`,
  );
  return alias;
}

function asText(expression: string, { type }: WarehouseColumn): string {
  return type.kind === 'numeric' ? `trim_scale(${expression})::text` : `${expression}::text`;
}

// The rows that the contract sends into quarantine: a text that is no date, and values that Arrow cannot carry.
function breaks(model: Model, table: Fact): string {
  const dates = table.columns.flatMap(({ derivation }) =>
    derivation.kind === 'parsedDate' ? [`not ${isDate(`s.${quoteIdentifier(derivation.column)}`)}`] : [],
  );
  const source = findSourceTable(model, table.source);
  const odd = Object.entries(source.columns).flatMap(([name, { type }]) => {
    const column = `s.${quoteIdentifier(name)}`;
    if (type.kind === 'numeric') return [`coalesce(${column} in ('NaN', 'Infinity', '-Infinity'), false)`];
    if (type.kind === 'date' || type.kind === 'timestamp') return [`not coalesce(isfinite(${column}), true)`];
    return [];
  });
  return `(${[...dates, ...odd, 'false'].join(' or ')})`;
}

// A CASE decides before it evaluates what would fail: make_date throws where there is no such day.
function isDate(text: string): string {
  const part = (from: number, length: number) => `substr(${text}, ${from}, ${length})::int`;
  const lastDay = `extract(day from make_date(${part(1, 4)}, ${part(6, 2)}, 1) + interval '1 month' - interval '1 day')`;
  return `case when ${text} is null then true
    when ${text} !~ '^\\d{4}-\\d{2}-\\d{2}$' then false
    when ${part(1, 4)} = 0 or ${part(6, 2)} not between 1 and 12 or ${part(9, 2)} = 0 then false
    else ${part(9, 2)} <= ${lastDay} end`;
}
