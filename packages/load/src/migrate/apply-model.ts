import { type Connection, ErrorCode, hasRelation, PipelineError, query, SqlState, sqlStateOf } from '@totesys/runtime';
import {
  addForeignKey,
  createHistory,
  createTable,
  factColumns,
  factsOf,
  foreignKeysOf,
  functionsOf,
  historyName,
  latestIndex,
  latestTablesOf,
  type Model,
  quoteIdentifier,
  type WarehouseIndex,
  warehouseRelation,
  warehouseTablesInOrder,
} from '@totesys/schema';
import { lockFailure } from '../errors/table-failure.ts';
import { createEtlSchema, type EtlStep, etlIndexes, etlSchema, KEPT_TABLES } from '../sql/etl-schema.ts';
import {
  type Existence,
  type Missing,
  type Named,
  selectColumnMissing,
  selectEtlSchema,
  selectLostTables,
} from '../sql/migration.ts';
import { addMissingForeignKeys } from './add-foreign-keys.ts';
import { bringFunction } from './bring-functions.ts';
import { bringHistory, findLostHistory } from './bring-history.ts';
import { checkSequence } from './check-sequence.ts';
import { checkTable } from './check-table.ts';
import { checkVersions } from './check-versions.ts';
import { bringView, viewsOf } from './fact-views.ts';
import type { Migration } from './migration.ts';

/** The longest wait of a migration for a lock, in milliseconds: new readers wait as long. */
export const LOCK_TIMEOUT_MS = 200;

/**
 * Creates or completes the schemas `etl` and `public` of the warehouse. Returns the views and indexes that another
 * session's lock keeps from being changed, and the functions that a view of others keeps from being changed. A table or
 * view that matches the model blocks no reader.
 */
export async function applyModel(migration: Migration, model: Model): Promise<string[]> {
  const { connection } = migration;
  await createOwnTables(migration, model);
  for (const table of warehouseTablesInOrder(model)) {
    const relation = warehouseRelation(table.name);
    await namingTable(table.name, async () => {
      const isThere = await hasRelation(connection, relation);
      const statement = createTable(table);
      if (!isThere) await migration.take({ relation: `public.${table.name}`, change: 'create table', statement });
      if (isThere || !migration.isPlan) await checkTable(migration, table);
    });
  }
  for (const fact of factsOf(model)) {
    await namingTable(fact.name, async () => {
      if (await hasRelation(connection, warehouseRelation(fact.name))) {
        await checkSequence(migration, fact);
        await checkVersions(connection, fact);
      }
      await addMissingForeignKeys(migration, model, fact);
    });
  }
  for (const table of latestTablesOf(model)) {
    await namingTable(historyName(table), () => bringHistory(migration, table));
  }
  const postponed = await bringFunctions(migration, model);
  // Last, because a lock lasts to the end of the transaction.
  return [...postponed, ...(await createIndexes(migration, model)), ...(await bringViews(migration, model))];
}

/** Returns the statements whose change makes a migration necessary. */
export function statementsOf(model: Model): string[] {
  const facts = factsOf(model);
  return [
    ...etlSchema.map(({ statement }) => statement),
    ...warehouseTablesInOrder(model).map(createTable),
    ...facts.flatMap((fact) => foreignKeysOf(model, fact).map(addForeignKey)),
    ...indexesOf(model).map(({ statement }) => statement),
    ...latestTablesOf(model).map(createHistory),
    ...functionsOf(model).map(({ statement }) => statement),
    ...facts.flatMap(viewsOf).map(({ fact, name, select }) => `${name}: ${select(fact, factColumns(fact))}`),
  ];
}

async function createOwnTables(migration: Migration, model: Model): Promise<void> {
  const { connection } = migration;
  // `create schema if not exists` needs the right to create schemas even if the schema exists.
  const [schema] = await query<Existence>(connection, { text: selectEtlSchema });
  if (schema?.exists !== true) {
    await migration.take({ relation: 'etl', change: 'create schema', statement: createEtlSchema });
  }
  await checkLostTables(connection, model);
  for (const step of etlSchema) if (await isMissing(connection, step)) await migration.take(step);
}

// A column of a table that is missing, too, is created with the table.
async function isMissing(connection: Connection, { relation, column }: EtlStep): Promise<boolean> {
  if (column === undefined) return !(await hasRelation(connection, relation));
  const statement = { text: selectColumnMissing, parameters: [relation, column] };
  const [found] = await query<Missing>(connection, statement);
  return found?.missing === true;
}

// An empty table in place of a lost one would show deleted facts as current, and lose those that are held.
async function checkLostTables(connection: Connection, model: Model): Promise<void> {
  if (!(await hasRelation(connection, 'etl.ledger'))) return;
  const [kept] = await query<Named>(connection, { text: selectLostTables, parameters: [KEPT_TABLES] });
  const lost = kept?.name ?? (await findLostHistory(connection, model));
  if (lost === undefined) return;
  throw new PipelineError(
    ErrorCode.WAREHOUSE_UNFIT,
    `Table '${lost}' of the warehouse is missing, though the ledger has batches: ` +
      "expected all tables of the schema 'etl'. Nothing was loaded. " +
      'Restore the table from a backup, or build the warehouse in an empty database with: totesys rebuild',
    { context: { table: lost } },
  );
}

async function createIndexes(migration: Migration, model: Model): Promise<string[]> {
  const postponed: string[] = [];
  for (const { schema, name, statement } of indexesOf(model)) {
    if (await hasRelation(migration.connection, `${schema}.${quoteIdentifier(name)}`)) continue;
    const step = { relation: `${schema}.${name}`, change: 'create index', statement };
    if (!(await migration.attempt(() => migration.take(step)))) postponed.push(step.relation);
  }
  return postponed;
}

async function bringFunctions(migration: Migration, model: Model): Promise<string[]> {
  const postponed: string[] = [];
  for (const each of functionsOf(model)) {
    if (!(await bringFunction(migration, each))) postponed.push(each.signature);
  }
  return postponed;
}

async function bringViews(migration: Migration, model: Model): Promise<string[]> {
  const postponed: string[] = [];
  for (const view of factsOf(model).flatMap(viewsOf)) {
    const isCurrent = await migration.attempt(() => bringView(migration, view));
    if (!isCurrent) postponed.push(`public.${view.name}`);
  }
  return postponed;
}

function indexesOf(model: Model): WarehouseIndex[] {
  return [...factsOf(model).map(latestIndex), ...etlIndexes(model)];
}

// The server's error does not name the table whose lock was not granted.
async function namingTable(table: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const isLocked = sqlStateOf(error) === SqlState.lockNotAvailable;
    throw isLocked ? lockFailure(error, table, "The warehouse's migration", LOCK_TIMEOUT_MS) : error;
  }
}
