import { describeDatabaseError, ErrorCode, PipelineError } from '@totesys/runtime';
import type { SourceTable } from '@totesys/schema';
import { rowFaultOf } from './find-faults.ts';

/**
 * Error for a table in which no single unreadable row can be found: a damaged page fails for every statement that
 * reads it.
 */
export function unscannable(table: SourceTable, error: unknown): PipelineError {
  const cause = describeDatabaseError(error, `Table 'public.${table.name}' of the source`, 'source');
  if (!rowFaultOf(error)) return cause;
  const fault = `${cause.message} The table cannot be scanned, so no single row can be left out`;
  return new PipelineError(
    ErrorCode.SOURCE_ROW_UNREADABLE,
    `${fault}. Restore what the server names from a backup; nothing is lost meanwhile.`,
    { context: { ...cause.context, table: table.name }, cause },
  );
}
