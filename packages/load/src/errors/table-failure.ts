import { describeDatabaseError, ErrorCode, PipelineError, SqlState } from '@totesys/runtime';
import { type WarehouseTable, warehouseRelation } from '@totesys/schema';
import { warehouseRefuses } from './warehouse-unfit.ts';

/** not null, foreign key, unique, check and exclusion: what a constraint of the table does not let in. */
const CONSTRAINT_VIOLATION = /^23/;

/** Says what went wrong while a batch's rows were brought into a table: a lock that was not had, a rule that the table's maker gave it, or a table that is there no longer. */
export function tableFailure(
  error: unknown,
  table: WarehouseTable,
  batch: number,
  lockTimeoutMs: number,
): PipelineError {
  if (error instanceof PipelineError) return error;
  const fault = error as { code?: string; constraint_name?: string; table_name?: string; where?: string };
  if (fault.code === SqlState.lockNotAvailable)
    return lockFailure(error, table.name, `The load of batch ${batch}`, lockTimeoutMs);
  const said = describeDatabaseError(
    error,
    `The load of batch ${batch} into table 'public.${table.name}'`,
    'warehouse',
  );
  if (fault.code === SqlState.undefinedTable || fault.code === SqlState.undefinedColumn) {
    const what = fault.code === SqlState.undefinedTable ? 'it' : 'a column of it';
    return warehouseRefuses(
      table.name,
      `${what} was there and is gone (${(error as Error).message})`,
      'restore it with its rows, or have all of the lake in an empty database with totesys rebuild',
      said,
    );
  }
  if (fault.code === SqlState.stringTooLong) {
    const column = columnOf(fault.where, table);
    const which = column === undefined ? 'a column' : `column '${column}'`;
    return warehouseRefuses(
      table.name,
      `${which} is too short for a value of batch ${batch}`,
      'alter it to varchar or text',
      said,
    );
  }
  if (fault.code !== undefined && CONSTRAINT_VIOLATION.test(fault.code)) {
    const rule = fault.constraint_name === undefined ? 'one of its rules' : `its constraint '${fault.constraint_name}'`;
    const of = fault.table_name ?? table.name;
    return warehouseRefuses(
      of,
      `${rule} does not let in a row of batch ${batch}`,
      "drop that constraint, which is not the model's, or mend the source",
      said,
    );
  }
  return said;
}

/** Says which table was waited for, how long, and where to look for who has it. */
export function lockFailure(error: unknown, table: string, subject: string, lockTimeoutMs: number): PipelineError {
  const relation = warehouseRelation(table);
  return new PipelineError(
    ErrorCode.TIMED_OUT,
    `${subject} waited ${lockTimeoutMs / 1000} s for a lock on table 'public.${table}' of the warehouse, or on one that it refers to. Look in pg_locks for who holds it (select pid, mode from pg_locks where granted and relation = '${relation}'::regclass); nothing was changed, and the next run tries again.`,
    { context: { table, lockTimeoutMs }, cause: describeDatabaseError(error, subject) },
  );
}

// Behind the column stands its value, and a name that is none of the model's may be a piece of one.
function columnOf(where: string | undefined, table: WarehouseTable): string | undefined {
  const name = /^COPY .*?, line \d+, column ([^:]+)/.exec(where ?? '')?.[1];
  return table.columns.find((column) => column.name === name)?.name;
}
