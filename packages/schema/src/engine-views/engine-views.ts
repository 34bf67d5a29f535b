import type { ColumnType } from '../column-type.ts';
import { lakeColumn } from '../lake-columns.ts';
import { factsOf, latestTablesOf, type Model } from '../model.ts';
import { deletedTableName } from '../published-tables.ts';
import type { WarehouseTable } from '../warehouse-table.ts';
import { currentRows, factVersions, rowStates, type Viewed } from './view-queries.ts';

/** A view over the published tables, in SQL that Athena, Trino, Spark, DuckDB and ClickHouse all run. */
export interface EngineView {
  readonly name: string;
  /** A sentence about its rows. */
  readonly about: string;
  /** The query, without a semicolon. */
  readonly query: string;
}

/**
 * Returns the views of a model: current rows, all states with the batches in which they were current, and the versions
 * of the facts. `quote` quotes a name as the engine demands.
 */
export function engineViews(model: Model, quote: (name: string) => string): readonly EngineView[] {
  const latest = latestTablesOf(model).flatMap((table) => viewsOf(view(table, quote)));
  const facts = factsOf(model).flatMap((fact) => {
    const viewed = view(fact, quote, deletedTableName(fact.name));
    return [...viewsOf(viewed), versionsView(viewed)];
  });
  return [...latest, ...facts];
}

function view(table: WarehouseTable, quote: (name: string) => string, deletions?: string): Viewed {
  const columns = table.columns.map((column) => lakeColumn<{ name: string; type: ColumnType }>(column).name);
  return { name: table.name, key: table.key, columns, deletions, quote };
}

function viewsOf(viewed: Viewed): EngineView[] {
  const { name } = viewed;
  return [
    { name: `current_${name}`, about: `The present values of each row of ${name}.`, query: currentRows(viewed) },
    {
      name: `${name}_states`,
      about: `Each state of each row of ${name}, current from batch to until_batch, which is null for the present one.`,
      query: rowStates(viewed),
    },
  ];
}

function versionsView(viewed: Viewed): EngineView {
  return {
    name: `${viewed.name}_versions`,
    about: `Each version of each row of ${viewed.name}, numbered from 1: its values, and the batch that brought them.`,
    query: factVersions(viewed),
  };
}
