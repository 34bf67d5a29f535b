import { factsOf, latestTablesOf, type Model } from '../model.ts';
import { BATCH_COLUMN, deletedTableName, publishedTables } from '../published-tables.ts';
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
  const columns = new Map(publishedTables(model).map((table) => [table.name, table.columns.map(({ name }) => name)]));
  const view = ({ name, key }: WarehouseTable, deletions?: string): Viewed => {
    return { name, key, columns: columns.get(name)!.filter((column) => column !== BATCH_COLUMN), deletions, quote };
  };
  const latest = latestTablesOf(model).flatMap((table) => viewsOf(view(table)));
  const facts = factsOf(model).flatMap((fact) => {
    const viewed = view(fact, deletedTableName(fact.name));
    return [...viewsOf(viewed), versionsView(viewed)];
  });
  return [...latest, ...facts];
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
