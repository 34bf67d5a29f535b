import { createHash } from 'node:crypto';
import {
  type Connection,
  describeDatabaseError,
  ErrorCode,
  execute,
  hasRelation,
  inTransaction,
  ONE_SNAPSHOT,
  PipelineError,
  type Pool,
  query,
  READ_COMMITTED,
  SqlState,
  sqlStateOf,
  type Telemetry,
  WRITING,
} from '@totesys/runtime';
import { factsOf, functionsOf, type Model, warehouseRelation } from '@totesys/schema';
import { ownTables } from '../sql/etl-schema.ts';
import {
  insertMigration,
  lockMigration,
  type MigrationState,
  type Named,
  selectCurrentRole,
  selectMigrationState,
} from '../sql/migration.ts';
import { applyModel, LOCK_TIMEOUT_MS, statementsOf } from './apply-model.ts';
import { viewsOf } from './fact-views.ts';
import { type MigrationStep, migrationIn, plannedMigration } from './migration.ts';

/** An arbitrary number that no other advisory lock uses. */
const LOCK_KEY = '8389772276738093421';

/**
 * Migrates the warehouse to the model: creates everything in an empty database, adds what is missing in another one,
 * and does nothing after the first time. Returns false if others keep a view, an index or a function from being
 * changed: a load needs none of them, and the next run tries again.
 */
export async function migrate(warehouse: Pool, model: Model, telemetry: Telemetry): Promise<boolean> {
  const fingerprint = fingerprintOf(model);
  try {
    const isCurrent = (connection: Connection) => isDone(connection, model, fingerprint);
    if (await inTransaction(warehouse, ONE_SNAPSHOT, isCurrent)) return true;
    const postponed = await applyOnce(warehouse, model, fingerprint);
    if (postponed.length > 0) {
      telemetry.warn('migration:postponed', { relations: postponed, lockTimeoutMs: LOCK_TIMEOUT_MS });
      return false;
    }
  } catch (error) {
    if (sqlStateOf(error) === SqlState.insufficientPrivilege) throw await migrationForbidden(warehouse, error as Error);
    if (error instanceof PipelineError) throw error;
    throw describeDatabaseError(error, "The warehouse's migration", 'warehouse');
  }
  telemetry.info('warehouse:migrated', { model: fingerprint });
  return true;
}

/**
 * Returns the steps that the next migration would make; none if it has nothing to do. Throws what the migration would
 * throw, as far as reading shows it. The connection may be read-only.
 */
export async function planMigration(connection: Connection, model: Model): Promise<readonly MigrationStep[]> {
  if (await isDone(connection, model, fingerprintOf(model))) return [];
  const steps: MigrationStep[] = [];
  await applyModel(plannedMigration(connection, steps), model);
  return steps;
}

function fingerprintOf(model: Model): string {
  return createHash('sha256')
    .update(JSON.stringify(statementsOf(model)))
    .digest('hex');
}

// A restore of the schema `etl` alone brings back the record of the migration, but not the views and functions.
async function isDone(connection: Connection, model: Model, fingerprint: string): Promise<boolean> {
  if (!(await hasRelation(connection, 'etl.migration'))) return false;
  const views = factsOf(model)
    .flatMap(viewsOf)
    .map(({ name }) => warehouseRelation(name));
  const functions = functionsOf(model).map(({ signature }) => signature);
  const parameters = [fingerprint, [...ownTables(model), ...views], functions];
  const statement = { text: selectMigrationState, parameters };
  const [state] = await query<MigrationState>(connection, statement);
  return state?.done === true;
}

// Returns the views, indexes and functions that others keep from being changed.
function applyOnce(warehouse: Pool, model: Model, fingerprint: string): Promise<string[]> {
  return inTransaction(warehouse, WRITING, async (transaction) => {
    // If two first loads start at once, the second waits here until the first is done, then finds nothing to do.
    await execute(transaction, { text: lockMigration, parameters: [LOCK_KEY] });
    await execute(transaction, { text: `set local lock_timeout = ${LOCK_TIMEOUT_MS}` });
    if (await isDone(transaction, model, fingerprint)) return [];
    const postponed = await applyModel(migrationIn(transaction), model);
    if (postponed.length === 0) await execute(transaction, { text: insertMigration, parameters: [fingerprint] });
    return postponed;
  });
}

async function migrationForbidden(warehouse: Pool, cause: Error): Promise<PipelineError> {
  const [role] = await inTransaction(warehouse, READ_COMMITTED, (transaction) =>
    query<Named>(transaction, { text: selectCurrentRole }),
  );
  const name = role!.name;
  return new PipelineError(
    ErrorCode.WAREHOUSE_FORBIDDEN,
    `The warehouse's role ${name} lacks a right that the migration needs: ${cause.message}. ` +
      'Make it the owner of the database, or run as the owner: ' +
      `create schema etl authorization ${name}; grant usage, create on schema public to ${name};`,
    { cause },
  );
}
