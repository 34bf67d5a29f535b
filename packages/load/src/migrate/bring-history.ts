import { type Connection, hasRelation, query } from '@totesys/runtime';
import {
  createHistory,
  historyName,
  historyRelation,
  type LatestTable,
  latestTablesOf,
  type Model,
  postgresType,
} from '@totesys/schema';
import { selectLostFirstBatches, selectLostHistories } from '../sql/history.ts';
import type { Named } from '../sql/migration.ts';
import { addColumnTo, type ColumnRow, selectColumns } from '../sql/table-definition.ts';
import type { Migration } from './migration.ts';

/**
 * Creates the history of a dimension, or adds columns that the model gained. States from before they were added have
 * no value for them.
 */
export async function bringHistory(migration: Migration, table: LatestTable): Promise<void> {
  const { connection } = migration;
  const relation = historyRelation(table);
  const name = `etl.${historyName(table)}`;
  if (!(await hasRelation(connection, relation))) {
    await migration.take({ relation: name, change: 'create table', statement: createHistory(table) });
    return;
  }
  const actual = await query<ColumnRow>(connection, { text: selectColumns, parameters: [relation] });
  for (const column of table.columns) {
    if (actual.some((each) => each.name === column.name)) continue;
    const statement = addColumnTo(relation, column.name, postgresType(column.type));
    await migration.take({ relation: name, change: `add column '${column.name}'`, statement });
  }
}

/**
 * Returns the first table of the history that was lost, because an empty one in its place would show the latest values
 * as those of the past. A dimension whose history has not begun lacks nothing.
 */
export async function findLostHistory(connection: Connection, model: Model): Promise<string | undefined> {
  const tables = latestTablesOf(model);
  const histories = tables.map(historyRelation);
  const [firsts] = await query<Named>(connection, { text: selectLostFirstBatches, parameters: [histories] });
  if (firsts || !(await hasRelation(connection, 'etl.first_batch'))) return firsts?.name;
  const parameters = [tables.map(({ name }) => name), histories];
  const [lost] = await query<Named>(connection, { text: selectLostHistories, parameters });
  return lost?.name;
}
