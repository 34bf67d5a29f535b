import { createHash } from 'node:crypto';
import {
  type Connection,
  describeDatabaseError,
  ErrorCode,
  hasRelation,
  inTransaction,
  ONE_SNAPSHOT,
  PipelineError,
  type Pool,
  READ_COMMITTED,
  SqlState,
  sqlStateOf,
  type Telemetry,
  type Transaction,
  WRITING,
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
  warehouseRelation,
  warehouseTablesInOrder,
} from '@totesys/schema';
import { lockFailure } from '../errors/table-failure.ts';
import { createEtlSchema, etlIndexes, etlSchema } from '../sql/etl-schema.ts';
import { checkSequence } from './check-sequence.ts';
import { checkTable } from './check-table.ts';
import { checkVersions } from './check-versions.ts';
import { bringView, viewsOf } from './fact-views.ts';
import { addMissingForeignKeys } from './foreign-keys.ts';

// Any number that nobody else uses.
const LOCK_KEY = '8389772276738093421';
/** Tables of the pipeline whose rows nothing but the lake could bring again. */
const KEPT_TABLES = ['etl.deletion', 'etl.held'];
const OWN_TABLES = ['etl.ledger', 'etl.adoption', 'etl.comment', ...KEPT_TABLES];
/** While a migration waits for the readers of a table or a view, new readers wait too: longer than this none does. */
const LOCK_TIMEOUT_MS = 200;

/**
 * Brings the warehouse to the model: everything on an empty database, what is missing on another, nothing where it has been done. Returns
 * false where a reader keeps a view or an index from its change: a load needs neither, and the next run tries again.
 */
export async function migrate(sql: Pool, model: Model, telemetry: Telemetry): Promise<boolean> {
  const statements = statementsOf(model);
  const fingerprint = createHash('sha256').update(JSON.stringify(statements)).digest('hex');
  try {
    const isCurrent = (look: Connection) => isDone(look, model, fingerprint);
    if (await inTransaction(sql, ONE_SNAPSHOT, isCurrent)) return true;
    const postponed = await inTransaction(sql, WRITING, async (transaction): Promise<string[]> => {
      // Two first loads at once: the second waits here, however long the first one takes on what somebody prepared, and finds it done.
      await transaction.unsafe('select pg_advisory_xact_lock($1::bigint)', [LOCK_KEY]);
      await transaction.unsafe(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
      if (await isCurrent(transaction)) return [];
      const postponed = await apply(transaction, model);
      if (postponed.length > 0) return postponed;
      await transaction.unsafe('insert into etl.migration (model_sha256) values ($1::text) on conflict do nothing', [
        fingerprint,
      ]);
      return [];
    });
    if (postponed.length > 0) {
      telemetry.warn('migration:postponed', { relations: postponed, lockTimeoutMs: LOCK_TIMEOUT_MS });
      return false;
    }
  } catch (error) {
    if (sqlStateOf(error) === SqlState.insufficientPrivilege) throw await warehouseForbidden(sql, error as Error);
    throw error instanceof PipelineError
      ? error
      : describeDatabaseError(error, "The warehouse's migration", 'warehouse');
  }
  telemetry.info('warehouse:migrated', { model: fingerprint });
  return true;
}

// A restore of the schema `etl` alone brings the note of the migration, and not the views that were lost with the schema.
async function isDone(sql: Connection, model: Model, fingerprint: string): Promise<boolean> {
  if (!(await hasRelation(sql, 'etl.migration'))) return false;
  const views = factsOf(model)
    .flatMap(viewsOf)
    .map(({ name }) => warehouseRelation(name));
  const [row] = await sql.unsafe(
    `select exists (select from etl.migration where model_sha256 = $1::text)
            and not exists (select from unnest($2::text[]) name where to_regclass(name) is null) as done`,
    [fingerprint, [...OWN_TABLES, ...views] as unknown as string],
  );
  return row?.done === true;
}

// An empty table in the place of a lost one would show deleted facts as current, and drop those that are held.
async function checkOwnTables(sql: Connection): Promise<void> {
  if (!(await hasRelation(sql, 'etl.ledger'))) return;
  const [lost] = await sql.unsafe(
    `select name from unnest($1::text[]) name where to_regclass(name) is null and exists (select from etl.ledger)`,
    [KEPT_TABLES as unknown as string],
  );
  if (!lost) return;
  throw new PipelineError(
    ErrorCode.WAREHOUSE_UNFIT,
    `Table '${lost.name}' of the warehouse is missing, though the ledger has batches: expected all tables of the schema 'etl'. Nothing was loaded. Restore the table from a backup, or build the warehouse in an empty database with: totesys rebuild`,
    { context: { table: lost.name } },
  );
}

// Only where it is not there: whoever may not create schemas may not even ask for one that exists.
async function createSchema(sql: Connection): Promise<void> {
  const [schema] = await sql.unsafe(`select to_regnamespace('etl') is not null as exists`);
  if (schema?.exists !== true) await sql.unsafe(createEtlSchema);
}

async function warehouseForbidden(sql: Pool, cause: Error): Promise<PipelineError> {
  const [user] = await inTransaction(sql, READ_COMMITTED, (look) =>
    look.unsafe('select quote_ident(current_user) as name'),
  );
  return new PipelineError(
    ErrorCode.WAREHOUSE_FORBIDDEN,
    `The warehouse's role ${user?.name} may not do what a migration needs: ${cause.message}. Make it the owner of the database, or run as the owner: create schema etl authorization ${user?.name}; grant usage, create on schema public to ${user?.name};`,
    { cause },
  );
}

// Returns the views and indexes that a lock of another session keeps from their change. Where nothing differs, readers notice nothing of it.
async function apply(sql: Transaction, model: Model): Promise<string[]> {
  await createSchema(sql);
  await checkOwnTables(sql);
  for (const statement of etlSchema) await sql.unsafe(statement);
  for (const table of warehouseTablesInOrder(model)) {
    await naming(table.name, async () => {
      await sql.unsafe(createTable(table));
      await checkTable(sql, table);
    });
  }
  for (const fact of factsOf(model)) {
    await naming(fact.name, async () => {
      await checkSequence(sql, fact);
      await checkVersions(sql, fact);
      await addMissingForeignKeys(sql, model, fact);
    });
  }
  const postponed: string[] = [];
  // Last, since a lock that is had lasts to the end.
  for (const { schema, name, statement } of indexesOf(model)) {
    if (await hasRelation(sql, `${schema}.${quoteIdentifier(name)}`)) continue;
    if (!(await isUnlocked(sql, (inner) => inner.unsafe(statement)))) postponed.push(`${schema}.${name}`);
  }
  for (const view of factsOf(model).flatMap(viewsOf)) {
    if (!(await isUnlocked(sql, (inner) => bringView(inner, view)))) postponed.push(`public.${view.name}`);
  }
  return postponed;
}

function indexesOf(model: Model): WarehouseIndex[] {
  return [...factsOf(model).map(latestIndex), ...etlIndexes(model)];
}

async function isUnlocked(sql: Transaction, work: (inner: Transaction) => Promise<unknown>): Promise<boolean> {
  try {
    await sql.savepoint(work);
    return true;
  } catch (error) {
    const state = sqlStateOf(error);
    if (state === SqlState.lockNotAvailable || state === SqlState.deadlockDetected) return false;
    throw error;
  }
}

// Of a lock that is not had the server says no table.
async function naming(table: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const isLocked = sqlStateOf(error) === SqlState.lockNotAvailable;
    throw isLocked ? lockFailure(error, table, "The warehouse's migration", LOCK_TIMEOUT_MS) : error;
  }
}

function statementsOf(model: Model): (string | undefined)[] {
  const facts = factsOf(model);
  return [
    ...etlSchema,
    ...warehouseTablesInOrder(model).map(createTable),
    ...facts.flatMap((fact) => foreignKeysOf(model, fact).map(addForeignKey)),
    ...indexesOf(model).map(({ statement }) => statement),
    ...facts.flatMap(viewsOf).map(({ fact, name, select }) => `${name}: ${select(fact, factColumns(fact))}`),
  ];
}
