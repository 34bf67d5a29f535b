import { bigint, type ColumnType, timestamp } from './column-type.ts';
import { fieldIdOf } from './field-ids.ts';
import { lakeColumns } from './lake-columns.ts';
import { factsOf, latestTablesOf, type Model } from './model.ts';
import type { Fact, WarehouseTable } from './warehouse-table.ts';

/** The table that names the published batches. It is committed last: all tables are complete up to its newest batch. */
export const PUBLISHED_BATCHES = 'published_batches';

/** The column of every published table that says which batch brought the row. */
export const BATCH_COLUMN = 'batch';

/** A column of a published table. */
export interface PublishedColumn {
  /** The field id, by which the table format knows the column. */
  readonly id: number;
  readonly name: string;
  readonly type: ColumnType;
  readonly required: boolean;
  readonly about?: string;
}

/** A table that publish writes, with the batch of each row as its first column. */
export interface PublishedTable {
  readonly kind: 'calendar' | 'dimension' | 'fact' | 'deleted' | 'batches';
  readonly name: string;
  /** The warehouse table whose parts it has; undefined for the batches. */
  readonly of: string | undefined;
  readonly columns: readonly PublishedColumn[];
}

const SOURCE_CLOCK = {
  id: 2,
  name: 'source_clock',
  type: timestamp(6),
  required: true,
  about: 'When the batch was read from the source, by its clock, in UTC.',
} as const;

/**
 * Returns the tables of the star schema as engines get them, in the order in which they are committed: dimensions
 * before the facts that refer to them, and the batches last.
 */
export function publishedTables(model: Model): PublishedTable[] {
  const facts = factsOf(model);
  return [
    ...[...latestTablesOf(model), ...facts].map((table) => publishedTable(model, table)),
    ...facts.map((fact) => deletedTable(model, fact)),
    { kind: 'batches', name: PUBLISHED_BATCHES, of: undefined, columns: [batchColumn(1), SOURCE_CLOCK] },
  ];
}

/** Returns the name of the table with the deletions of a fact. */
export const deletedTableName = (fact: string): string => `deleted_${fact}`;

function publishedTable(model: Model, table: WarehouseTable): PublishedTable {
  const { kind, name } = table;
  const declared: readonly { readonly name: string; readonly type: ColumnType; readonly about?: string }[] =
    table.columns;
  const columns = lakeColumns({ columns: declared }).map((column) => publishedColumn(model, name, column));
  return { kind, name, of: name, columns: [batchColumn(fieldIdOf(model, name, BATCH_COLUMN)), ...columns] };
}

function deletedTable(model: Model, fact: Fact): PublishedTable {
  const name = deletedTableName(fact.name);
  const key = fact.columns.find((column) => column.name === fact.key)!;
  const columns = [batchColumn(fieldIdOf(model, name, BATCH_COLUMN)), publishedColumn(model, name, key)];
  return { kind: 'deleted', name, of: fact.name, columns };
}

function batchColumn(id: number): PublishedColumn {
  return { id, name: BATCH_COLUMN, type: bigint(), required: true, about: 'The batch that brought the row.' };
}

function publishedColumn(
  model: Model,
  table: string,
  { name, type, about }: { readonly name: string; readonly type: ColumnType; readonly about?: string },
): PublishedColumn {
  const column = { id: fieldIdOf(model, table, name), name, type, required: false };
  return about === undefined ? column : { ...column, about };
}
