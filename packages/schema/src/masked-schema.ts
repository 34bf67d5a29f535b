import { postgresType } from './column-type.ts';
import { describeHistory, describeTable, describeViews } from './describe-warehouse.ts';
import type { DescribedRelation } from './described-relation.ts';
import { UNTIL_BATCH } from './dimension-history.ts';
import { factsOf, latestTablesOf, type Model } from './model.ts';
import { quoteIdentifier, quoteLiteral } from './quote-identifier.ts';
import { MASKED } from './star-schemas.ts';
import type { WarehouseFunction } from './warehouse-function.ts';
import { starFunctions } from './warehouse-functions.ts';
import type { WarehouseTable } from './warehouse-table.ts';

/** The schema of the masked views and functions. */
export const MASKED_SCHEMA = MASKED.tables;

/** A masked view of a table or a view of the warehouse. */
export interface MaskedView {
  readonly name: string;
  readonly about: string;
  readonly select: string;
}

/** A column of the warehouse whose values may be personal data. */
export interface PersonalColumn {
  readonly schema: string;
  readonly relation: string;
  readonly column: string;
}

/** Returns a masked view of each table and view of the star, and of the history of each dimension. */
export function maskedViews(model: Model): MaskedView[] {
  return relationsOf(model).map(({ table, relation: { schema, name, about, columns } }) => {
    const selected = columns.map((column) => selectMasked(table, column.name));
    const from = `${schema}.${quoteIdentifier(name)}`;
    return { name, about, select: `select ${selected.join(',\n       ')}\n  from ${from}` };
  });
}

/** Returns the functions of the warehouse that return rows, reading the masked views. */
export function maskedFunctions(model: Model): WarehouseFunction[] {
  return starFunctions(model, MASKED);
}

/** Returns every column of the warehouse that no masked role may read. */
export function personalColumns(model: Model): PersonalColumn[] {
  const columns = relationsOf(model).flatMap(({ table, relation }) =>
    relation.columns
      .filter(({ name }) => findPersonal(table, name) !== undefined)
      .map(({ name }) => ({ schema: relation.schema, relation: relation.name, column: name })),
  );
  return [...columns, { schema: 'etl', relation: 'held', column: 'row' }];
}

function relationsOf(model: Model): { readonly table: WarehouseTable; readonly relation: DescribedRelation }[] {
  return [
    ...model.warehouse.map((table) => ({ table, relation: describeTable(table) })),
    ...factsOf(model).flatMap((table) => describeViews(table).map((relation) => ({ table, relation }))),
    ...latestTablesOf(model).map((table) => ({ table, relation: describeHistory(table) })),
  ];
}

// A constant, even for null: it shows neither the value nor whether there is one.
function selectMasked(table: WarehouseTable, column: string): string {
  const name = quoteIdentifier(column);
  const personal = column === UNTIL_BATCH ? undefined : findPersonal(table, column);
  if (personal === undefined) return name;
  const isText = personal.type.kind === 'text' || personal.type.kind === 'varchar';
  return `${isText ? quoteLiteral('***') : 'null'}::${postgresType(personal.type)} as ${name}`;
}

function findPersonal(table: WarehouseTable, column: string) {
  if (table.kind === 'calendar') return undefined;
  return table.columns.find(({ name, personal }) => name === column && personal);
}
