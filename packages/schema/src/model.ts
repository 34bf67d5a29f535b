import { checkModel } from './check-model.ts';
import { type FieldIds, totesysFieldIds } from './field-ids.ts';
import type { SourceTable } from './source-table.ts';
import * as star from './star.ts';
import * as totesys from './totesys.ts';
import type { Calendar, Dimension, Fact, LatestTable, WarehouseColumn, WarehouseTable } from './warehouse-table.ts';

/** The declared tables of source and warehouse. Every stage gets a model as a parameter and knows no table by name. */
export interface Model {
  readonly source: readonly SourceTable[];
  readonly warehouse: readonly WarehouseTable[];
  /** The field ids of the published tables; a model without them cannot be published. */
  readonly fieldIds?: FieldIds;
}

/**
 * Returns the model; throws if a table cannot have a folder in the lake, or if query engines could not read it there.
 */
export function createModel(model: Model): Model {
  checkModel(model);
  return model;
}

/** The model of totesys: 11 source tables, 11 warehouse tables. */
export const totesysModel = createModel({
  source: Object.values(totesys),
  warehouse: Object.values(star),
  fieldIds: totesysFieldIds,
});

/** A join of a dimension: column `by` of table `source` holds the key of a row of `table`. */
export interface Join {
  readonly source: string;
  readonly by: string;
  readonly table: string;
}

/** Returns the source tables, each after the tables that it refers to, otherwise in the order of the model. */
export function sourceTablesInOrder(model: Model): SourceTable[] {
  const ordered: SourceTable[] = [];
  const visiting = new Set<SourceTable>();
  const visit = (table: SourceTable) => {
    if (ordered.includes(table) || visiting.has(table)) return;
    visiting.add(table);
    for (const { references } of Object.values(table.columns)) {
      if (references !== undefined) visit(findSourceTable(model, references));
    }
    ordered.push(table);
  };
  for (const table of model.source) visit(table);
  return ordered;
}

/** Returns the source table of that name; throws if the model has none. */
export function findSourceTable(model: Model, name: string): SourceTable {
  const table = model.source.find((candidate) => candidate.name === name);
  if (!table) throw new Error(`The model has no source table '${name}'.`);
  return table;
}

/** Returns the joins of all dimensions, each once. */
export function joinsOf(model: Model): Join[] {
  const joins = new Map<string, Join>();
  for (const table of dimensionsOf(model)) {
    for (const { derivation } of table.columns) {
      if (derivation.kind !== 'joined') continue;
      const join = { source: table.source, by: derivation.by, table: derivation.table };
      joins.set(`${join.source}.${join.by}`, join);
    }
  }
  return [...joins.values()];
}

/** Returns the dimensions that come from source rows: all except the calendar. */
export function dimensionsOf(model: Model): Dimension[] {
  return model.warehouse.filter((table) => table.kind === 'dimension');
}

/** Returns the tables that have the latest values of their rows: the calendar and the dimensions. */
export function latestTablesOf(model: Model): LatestTable[] {
  return model.warehouse.filter((table) => table.kind !== 'fact');
}

/** Returns the facts. */
export function factsOf(model: Model): Fact[] {
  return model.warehouse.filter((table) => table.kind === 'fact');
}

/** Returns the calendar, if the model has one. */
export function findCalendar(model: Model): Calendar | undefined {
  return model.warehouse.find((table) => table.kind === 'calendar');
}

/** Returns whether the source column of a placeholder may be null, so that the placeholder needs no warning. */
export function mayBeAbsent(model: Model, table: Dimension | Fact, column: WarehouseColumn): boolean {
  const { derivation, placeholder } = column;
  const source = derivation.kind === 'joined' ? derivation.table : table.source;
  return placeholder !== undefined && findSourceTable(model, source).columns[derivation.column]?.nullable === true;
}
