import { checkModel } from './check-model.ts';
import type { SourceTable } from './source-table.ts';
import * as star from './star.ts';
import * as totesys from './totesys.ts';
import type { Calendar, Dimension, Fact, WarehouseColumn, WarehouseTable } from './warehouse-table.ts';

/** Source and warehouse, declared; every stage is given one and knows no table of its own. */
export interface Model {
  readonly source: readonly SourceTable[];
  readonly warehouse: readonly WarehouseTable[];
}

/** Returns a model whose tables can lie in the lakes and be read there by engines; throws where one cannot. */
export function createModel(model: Model): Model {
  checkModel(model);
  return model;
}

/** The model of totesys: 11 source tables, 11 warehouse tables. */
export const totesysModel = createModel({ source: Object.values(totesys), warehouse: Object.values(star) });

/** A join that a dimension makes: rows of `table` are looked up by the key that stands in `source`'s column `by`. */
export interface Join {
  readonly source: string;
  readonly by: string;
  readonly table: string;
}

/** The source tables, each after all that it refers to, otherwise in the model's order. */
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

/** The source table of that name; throws where the model has none. */
export function findSourceTable(model: Model, name: string): SourceTable {
  const table = model.source.find((candidate) => candidate.name === name);
  if (!table) throw new Error(`The model has no source table '${name}'.`);
  return table;
}

/** The joins that dimensions make, each once. */
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

/** The dimensions that come from source rows: all but the calendar. */
export function dimensionsOf(model: Model): Dimension[] {
  return model.warehouse.filter((table) => table.kind === 'dimension');
}

/** The facts. */
export function factsOf(model: Model): Fact[] {
  return model.warehouse.filter((table) => table.kind === 'fact');
}

/** The calendar, where the model has one. */
export function findCalendar(model: Model): Calendar | undefined {
  return model.warehouse.find((table) => table.kind === 'calendar');
}

/** Whether the source may well have nothing for a column, so that its placeholder is what the contract says and nothing to warn of. */
export function mayBeAbsent(model: Model, table: Dimension | Fact, column: WarehouseColumn): boolean {
  const { derivation, placeholder } = column;
  const source = derivation.kind === 'joined' ? derivation.table : table.source;
  return placeholder !== undefined && findSourceTable(model, source).columns[derivation.column]?.nullable === true;
}
