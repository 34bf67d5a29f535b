import { describeDatabaseError, ErrorCode, PipelineError, SqlState } from '@totesys/runtime';
import { type WarehouseTable, warehouseRelation } from '@totesys/schema';
import { warehouseRefuses } from './warehouse-unfit.ts';

/** The class of violated constraints: not null, foreign key, unique, check and exclusion. */
const CONSTRAINT_VIOLATION = /^23/;

interface DatabaseFault {
  readonly code?: string;
  readonly constraint_name?: string;
  readonly table_name?: string;
  readonly where?: string;
}

/** Returns the error for a failure of a table during a batch: a lock, a constraint, or a change of the table. */
export function tableFailure(
  error: unknown,
  table: WarehouseTable,
  batch: number,
  lockTimeoutMs: number,
): PipelineError {
  if (error instanceof PipelineError) return error;
  const fault = error as DatabaseFault;
  if (fault.code === SqlState.lockNotAvailable) {
    return lockFailure(error, table.name, `The load of batch ${batch}`, lockTimeoutMs);
  }
  const subject = `The load of batch ${batch} into table 'public.${table.name}'`;
  const cause = describeDatabaseError(error, subject, 'warehouse');
  const refuses = (what: string, remedy: string, relation = table.name) =>
    warehouseRefuses(relation, what, remedy, cause);
  if (fault.code === SqlState.undefinedTable || fault.code === SqlState.undefinedColumn) {
    const what = fault.code === SqlState.undefinedTable ? 'it' : 'one of its columns';
    return refuses(
      `${what} no longer exists (${(error as Error).message})`,
      'Restore it with its rows, or load the whole lake into an empty database with: totesys rebuild',
    );
  }
  if (fault.code === SqlState.stringTooLong) {
    const column = findColumn(fault.where, table);
    const what = column === undefined ? 'a column' : `column '${column}'`;
    return refuses(`${what} is too short for a value of batch ${batch}`, 'Alter it to varchar or text');
  }
  if (fault.code !== undefined && CONSTRAINT_VIOLATION.test(fault.code)) {
    const name = fault.constraint_name;
    const what = name === undefined ? 'one of its constraints' : `its constraint '${name}'`;
    return refuses(
      `${what} rejects a row of batch ${batch}`,
      'Drop that constraint, which the model does not have, or fix the source',
      fault.table_name,
    );
  }
  return cause;
}

/** Returns the error for a lock that was not granted: the table, the time waited, and how to find the holder. */
export function lockFailure(error: unknown, table: string, subject: string, lockTimeoutMs: number): PipelineError {
  return new PipelineError(
    ErrorCode.TIMED_OUT,
    `${subject} waited ${lockTimeoutMs / 1000} s for a lock on table 'public.${table}' of the warehouse, ` +
      'or on one that it refers to. Find the session that holds it in pg_locks: ' +
      `select pid, mode from pg_locks where granted and relation = '${warehouseRelation(table)}'::regclass. ` +
      'Nothing was changed; the next run tries again.',
    { context: { table, lockTimeoutMs }, cause: describeDatabaseError(error, subject) },
  );
}

// The text continues with the column's value. A name that the model lacks may be part of a value, so it is not used.
function findColumn(where: string | undefined, table: WarehouseTable): string | undefined {
  const name = /^COPY .*?, line \d+, column ([^:]+)/.exec(where ?? '')?.[1];
  return table.columns.find((column) => column.name === name)?.name;
}
