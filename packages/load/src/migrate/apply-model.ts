import {
  type Connection,
  ErrorCode,
  execute,
  hasRelation,
  PipelineError,
  query,
  SqlState,
  sqlStateOf,
  type Transaction,
} from '@totesys/runtime';
import {
  addForeignKey,
  createTable,
  factColumns,
  factsOf,
  foreignKeysOf,
  latestIndex,
  type Model,
  quoteIdentifier,
  type WarehouseIndex,
  warehouseTablesInOrder,
} from '@totesys/schema';
import { lockFailure } from '../errors/table-failure.ts';
import { createEtlSchema, etlIndexes, etlSchema, KEPT_TABLES } from '../sql/etl-schema.ts';
import { type Existence, type Named, selectEtlSchema, selectLostTables } from '../sql/migration.ts';
import { addMissingForeignKeys } from './add-foreign-keys.ts';
import { checkSequence } from './check-sequence.ts';
import { checkTable } from './check-table.ts';
import { checkVersions } from './check-versions.ts';
import { bringView, viewsOf } from './fact-views.ts';

/** The longest wait of a migration for a lock, in milliseconds: new readers wait as long. */
export const LOCK_TIMEOUT_MS = 200;

/**
 * Creates or completes the schemas `etl` and `public` of the warehouse. Returns the views and indexes that another
 * session's lock keeps from being changed. A table or view that matches the model blocks no reader.
 */
export async function applyModel(transaction: Transaction, model: Model): Promise<string[]> {
  await createOwnTables(transaction);
  for (const table of warehouseTablesInOrder(model)) {
    await namingTable(table.name, async () => {
      await execute(transaction, { text: createTable(table) });
      await checkTable(transaction, table);
    });
  }
  for (const fact of factsOf(model)) {
    await namingTable(fact.name, async () => {
      await checkSequence(transaction, fact);
      await checkVersions(transaction, fact);
      await addMissingForeignKeys(transaction, model, fact);
    });
  }
  // Last, because a lock lasts to the end of the transaction.
  return [...(await createIndexes(transaction, model)), ...(await bringViews(transaction, model))];
}

/** Returns the statements whose change makes a migration necessary. */
export function statementsOf(model: Model): string[] {
  const facts = factsOf(model);
  return [
    ...etlSchema,
    ...warehouseTablesInOrder(model).map(createTable),
    ...facts.flatMap((fact) => foreignKeysOf(model, fact).map(addForeignKey)),
    ...indexesOf(model).map(({ statement }) => statement),
    ...facts.flatMap(viewsOf).map(({ fact, name, select }) => `${name}: ${select(fact, factColumns(fact))}`),
  ];
}

async function createOwnTables(transaction: Transaction): Promise<void> {
  // `create schema if not exists` needs the right to create schemas even if the schema exists.
  const [schema] = await query<Existence>(transaction, { text: selectEtlSchema });
  if (schema?.exists !== true) await execute(transaction, { text: createEtlSchema });
  await checkLostTables(transaction);
  for (const text of etlSchema) await execute(transaction, { text });
}

// An empty table in place of a lost one would show deleted facts as current, and lose those that are held.
async function checkLostTables(connection: Connection): Promise<void> {
  if (!(await hasRelation(connection, 'etl.ledger'))) return;
  const [lost] = await query<Named>(connection, { text: selectLostTables, parameters: [KEPT_TABLES] });
  if (!lost) return;
  throw new PipelineError(
    ErrorCode.WAREHOUSE_UNFIT,
    `Table '${lost.name}' of the warehouse is missing, though the ledger has batches: ` +
      "expected all tables of the schema 'etl'. Nothing was loaded. " +
      'Restore the table from a backup, or build the warehouse in an empty database with: totesys rebuild',
    { context: { table: lost.name } },
  );
}

async function createIndexes(transaction: Transaction, model: Model): Promise<string[]> {
  const postponed: string[] = [];
  for (const { schema, name, statement } of indexesOf(model)) {
    if (await hasRelation(transaction, `${schema}.${quoteIdentifier(name)}`)) continue;
    const isCreated = await isUnlocked(transaction, (inner) => execute(inner, { text: statement }));
    if (!isCreated) postponed.push(`${schema}.${name}`);
  }
  return postponed;
}

async function bringViews(transaction: Transaction, model: Model): Promise<string[]> {
  const postponed: string[] = [];
  for (const view of factsOf(model).flatMap(viewsOf)) {
    const isCurrent = await isUnlocked(transaction, (inner) => bringView(inner, view));
    if (!isCurrent) postponed.push(`public.${view.name}`);
  }
  return postponed;
}

function indexesOf(model: Model): WarehouseIndex[] {
  return [...factsOf(model).map(latestIndex), ...etlIndexes(model)];
}

async function isUnlocked(transaction: Transaction, work: (inner: Transaction) => Promise<unknown>): Promise<boolean> {
  try {
    await transaction.savepoint(work);
    return true;
  } catch (error) {
    const state = sqlStateOf(error);
    if (state === SqlState.lockNotAvailable || state === SqlState.deadlockDetected) return false;
    throw error;
  }
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
