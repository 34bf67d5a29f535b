import { ErrorCode, PipelineError } from '@totesys/runtime';
import { type ColumnType, postgresType, type SourceTable } from '@totesys/schema';

const SAFE = 'nothing is lost meanwhile.';

/** Error for a table of the model that the source lacks. */
export function missingTable(table: string): PipelineError {
  const fault = `Table 'public.${table}' is not in the source`;
  return new PipelineError(
    ErrorCode.SOURCE_TABLE_MISSING,
    `${fault}. Restore it, or remove it from the model; ${SAFE}`,
    { context: { table } },
  );
}

/** Error for a table of the model that is another kind of relation in the source. */
export function notATable(table: string, kind: string): PipelineError {
  const fault = `'public.${table}' of the source is not a table`;
  const expected = `expected an ordinary or partitioned table, got ${kind}`;
  const remedy =
    'A run follows rows by their transaction ids, which only a table has. Name the database that has the table.';
  return new PipelineError(ErrorCode.SOURCE_TABLE_MISSING, `${fault}: ${expected}. ${remedy}`, { context: { table } });
}

/** Error for a table whose policies may hide rows from the source's role. */
export function rowsHidden(table: string): PipelineError {
  const fault = `Table 'public.${table}' has row-level security that applies to the source's role`;
  const expected = 'expected to see every row, got a policy that may hide some';
  const remedy = `Run: alter role … bypassrls; ${SAFE}`;
  return new PipelineError(ErrorCode.SOURCE_FORBIDDEN, `${fault}: ${expected}. ${remedy}`, {
    context: { table },
  });
}

/** Error for a column of the model that the source lacks, or has under the name `renamed`. */
export function missingColumn(table: SourceTable, column: string, renamed: string | undefined): PipelineError {
  const name = `Column '${column}' of table '${table.name}'`;
  const type = expectedType(table.columns[column]!.type);
  const [fault, remedy] =
    renamed === undefined
      ? [`is not in the source: expected a column of type ${type}, got none`, 'Restore it, or remove it from the model']
      : [`has been renamed: expected that name, got '${renamed}'`, 'Rename it back, or rename it in the model'];
  const message = `${name} ${fault}. ${remedy}; ${SAFE}`;
  return new PipelineError(ErrorCode.SOURCE_COLUMN_MISSING, message, {
    context: { table: table.name, column, renamed },
  });
}

/** Error for a column whose type is not the model's. */
export function retypedColumn(table: string, column: string, type: ColumnType, got: string): PipelineError {
  const fault = `Column '${column}' of table '${table}' has another type`;
  return new PipelineError(
    ErrorCode.SOURCE_COLUMN_RETYPED,
    `${fault}: expected ${expectedType(type)}, got ${got}. Change it back, or change the model; ${SAFE}`,
    { context: { table, column } },
  );
}

/** Error for an enum with labels that the model lacks. */
export function unknownLabels(
  table: string,
  column: string,
  { expected, unknown }: { expected: readonly string[]; unknown: readonly string[] },
): PipelineError {
  const fault = `Column '${column}' of table '${table}' has labels that the model does not know`;
  const labels = `expected ${expected.join(', ')}; got also ${unknown.join(', ')}`;
  return new PipelineError(
    ErrorCode.SOURCE_LABEL_UNKNOWN,
    `${fault}: ${labels}. Add them to the model, or remove them from the type; ${SAFE}`,
    { context: { table, column } },
  );
}

function expectedType(type: ColumnType): string {
  return type.kind === 'enum' ? `the enum '${type.name}'` : postgresType(type);
}
