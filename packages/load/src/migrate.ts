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
  WRITING,
} from '@totesys/runtime';
import {
  addForeignKey,
  createCurrentView,
  createLatestIndex,
  createTable,
  factsOf,
  foreignKeysOf,
  type Model,
  warehouseTablesInOrder,
} from '@totesys/schema';
import { checkSequence } from './check-sequence.ts';
import { checkTable } from './check-table.ts';
import { checkVersions } from './check-versions.ts';
import { createViews } from './fact-views.ts';
import { addMissingForeignKeys } from './foreign-keys.ts';
import { createEtlSchema, etlSchema } from './sql/etl-schema.ts';
import { lockFailure } from './table-failure.ts';

// Any number that nobody else uses.
const LOCK_KEY = '8389772276738093421';
/** Readers of a table that is changed are waited for this long. */
const LOCK_TIMEOUT_MS = 30_000;

/** Brings the warehouse to the model: everything on an empty database, what is missing on another, nothing where it has been done. */
export async function migrate(sql: Pool, model: Model, telemetry: Telemetry): Promise<void> {
  const statements = statementsOf(model);
  const fingerprint = createHash('sha256').update(JSON.stringify(statements)).digest('hex');
  try {
    if (await inTransaction(sql, ONE_SNAPSHOT, (look) => isDone(look, fingerprint))) return;
    await inTransaction(sql, WRITING, async (transaction) => {
      // Two first loads at once: the second waits here, however long the first one takes on what somebody prepared, and finds it done.
      await transaction.unsafe('select pg_advisory_xact_lock($1::bigint)', [LOCK_KEY]);
      await transaction.unsafe(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
      if (await isDone(transaction, fingerprint)) return;
      await apply(transaction, model);
      await transaction.unsafe('insert into etl.migration (model_sha256) values ($1::text) on conflict do nothing', [
        fingerprint,
      ]);
    });
  } catch (error) {
    if (sqlStateOf(error) === SqlState.insufficientPrivilege) throw await warehouseForbidden(sql, error as Error);
    throw error instanceof PipelineError
      ? error
      : describeDatabaseError(error, "The warehouse's migration", 'warehouse');
  }
  telemetry.info('warehouse:migrated', { model: fingerprint });
}

async function isDone(sql: Connection, fingerprint: string): Promise<boolean> {
  if (!(await hasRelation(sql, 'etl.migration'))) return false;
  const rows = await sql.unsafe('select from etl.migration where model_sha256 = $1::text', [fingerprint]);
  return rows.length > 0;
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

async function apply(sql: Connection, model: Model): Promise<void> {
  await createSchema(sql);
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
      await sql.unsafe(createLatestIndex(fact));
      await createViews(sql, fact);
    });
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
    ...facts.flatMap((fact) => [createLatestIndex(fact), createCurrentView(fact), fact.alias]),
  ];
}
