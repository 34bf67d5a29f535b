import {
  type Connection,
  describeDatabaseError,
  ErrorCode,
  findTableHolder,
  nameRelationKind,
  PipelineError,
  query,
  SqlState,
  sqlStateOf,
} from '@totesys/runtime';
import { quoteIdentifier, type SourceTable } from '@totesys/schema';
import { missingTable, notATable } from '../layout/layout-faults.ts';
import { readPartitions } from '../layout/source-partitions.ts';
import { qualified } from '../sql/row-selection.ts';

const CAN_READ_SCHEMA = `select has_schema_privilege('public', 'usage') as usable`;
const RELATION_KIND = 'select oid::text as oid, relkind::text as kind from pg_class where oid = to_regclass($1::text)';

/** Ends the failed transaction and returns its connection in a new one. */
type BeginAgain = () => Promise<Connection>;

/** Returns the error for a table that cannot be locked. */
export async function describeLockFailure(
  beginAgain: BeginAgain,
  table: SourceTable,
  error: unknown,
  timeoutMs: number,
): Promise<PipelineError> {
  switch (sqlStateOf(error)) {
    case SqlState.undefinedTable:
      return missingTable(table.name);
    case SqlState.wrongObjectType:
      return await anotherKind(await beginAgain(), table);
    case SqlState.insufficientPrivilege:
      return await describeForbidden(await beginAgain(), error, table.name);
    case SqlState.lockNotAvailable:
      return await locked(await beginAgain(), table, error, timeoutMs);
    default:
      return describeDatabaseError(error, `Table 'public.${table.name}' of the source`, 'source');
  }
}

// A view can be locked. A materialized view or a foreign table cannot, nor can a table with one among its partitions.
async function anotherKind(connection: Connection, table: SourceTable): Promise<PipelineError> {
  const statement = { text: RELATION_KIND, parameters: [qualified(table)] };
  const [relation] = await query<{ oid: string; kind: string }>(connection, statement);
  const oids = new Map<string, string>(relation ? [[table.name, relation.oid]] : []);
  const { faults } = await readPartitions(connection, { source: [table] }, oids);
  if (faults[0]) return faults[0];
  return notATable(table.name, nameRelationKind(relation?.kind ?? ''));
}

/**
 * Returns the error for a table that the role may not read. Without USAGE on the schema no right to a table helps, and
 * the server reports the same error for both.
 */
export async function describeForbidden(connection: Connection, error: unknown, table: string): Promise<PipelineError> {
  const [schema] = await query<{ usable: boolean }>(connection, { text: CAN_READ_SCHEMA });
  const isUsable = schema?.usable === true;
  const right = isUsable ? 'SELECT on it' : 'USAGE on schema public';
  const grant = isUsable ? `select on public.${quoteIdentifier(table)}` : 'usage on schema public';
  const fault = `Table 'public.${table}' may not be read by the source's role`;
  return new PipelineError(
    ErrorCode.SOURCE_FORBIDDEN,
    `${fault}: expected ${right}, got permission denied. Run: grant ${grant} to the role.`,
    { context: { table }, cause: error },
  );
}

async function locked(
  connection: Connection,
  table: SourceTable,
  error: unknown,
  timeoutMs: number,
): Promise<PipelineError> {
  const holder = await findTableHolder(connection, qualified(table));
  const remedy =
    holder === undefined
      ? 'Look in pg_locks for the session that holds ACCESS EXCLUSIVE'
      : `ACCESS EXCLUSIVE is held or awaited by ${holder}`;
  const fault = `Table 'public.${table.name}' is locked: waited ${timeoutMs / 1000} s for ACCESS SHARE`;
  return new PipelineError(ErrorCode.TIMED_OUT, `${fault}. ${remedy}; the next run tries again.`, {
    context: { table: table.name },
    cause: error,
  });
}
