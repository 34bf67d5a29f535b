import { createHash } from 'node:crypto';
import type { TableState } from '@totesys/lake';
import { type Connection, ErrorCode, nameRelationKind, PipelineError } from '@totesys/runtime';
import { type ColumnType, type Model, postgresType, type SourceTable } from '@totesys/schema';
import { describeTables } from '../sql/describe-tables.ts';
import { readPartitions } from './source-partitions.ts';

/** What a table's values depend on besides its rows: where this changes, the table is read again. */
export type TableLayout = TableState['layout'];

/** The source's tables as they are, with what the model does not know of them. */
export interface SourceLayout {
  readonly tables: ReadonlyMap<string, TableLayout>;
  readonly warnings: readonly string[];
}

interface ColumnRow {
  readonly table: string;
  readonly oid: string;
  readonly relkind: string;
  readonly hides_rows: boolean;
  readonly column: string;
  readonly attnum: number;
  readonly type: string;
  readonly is_enum: boolean;
  readonly missing_value: string | null;
  /** Of a virtual generated column only: a stored one is rewritten, with new transaction ids, when its expression changes. */
  readonly expression: string | null;
  readonly labels: readonly string[] | null;
}

/**
 * Reads the layout of the model's tables; throws where a table or a column is missing or of a type that the model does not expect. By what the last
 * batch saw (`before`) a column that was renamed is told from one that is gone.
 */
export async function readSourceLayout(
  connection: Connection,
  model: Model,
  before: Readonly<Record<string, { readonly layout: TableLayout }>> = {},
): Promise<SourceLayout> {
  const names = model.source.map((table) => table.name);
  const rows = (await connection.unsafe(describeTables, [names as unknown as string])) as unknown as ColumnRow[];
  const partitions = await readPartitions(connection, model, new Map(rows.map(({ table, oid }) => [table, oid])));
  const tables = new Map<string, TableLayout>();
  const warnings: string[] = [];
  for (const table of model.source) {
    const columns = rows.filter((row) => row.table === table.name);
    tables.set(table.name, {
      ...checkTable(table, columns, before[table.name]?.layout),
      ...partitions.get(table.name),
    });
    const unknown = columns.filter(({ column }) => !(column in table.columns)).map(({ column }) => column);
    for (const column of unknown) {
      warnings.push(
        `Column '${column}' of table '${table.name}' is not in the model and is not carried. Add it to the model if the warehouse needs it.`,
      );
    }
  }
  return { tables, warnings };
}

function checkTable(table: SourceTable, rows: readonly ColumnRow[], before: TableLayout | undefined): TableLayout {
  const [first] = rows;
  if (!first) throw missingTable(table.name);
  if (first.relkind !== 'r' && first.relkind !== 'p') throw notATable(table.name, nameRelationKind(first.relkind));
  if (first.hides_rows) {
    throw new PipelineError(
      ErrorCode.SOURCE_FORBIDDEN,
      `Table 'public.${table.name}' has row-level security that applies to the source's role: expected to see every row, got a policy that may hide some. Run: alter role … bypassrls; nothing is lost meanwhile.`,
      { context: { table: table.name } },
    );
  }
  const columns = Object.entries(table.columns).map(([name, { type }]) => {
    const row = rows.find(({ column }) => column === name);
    if (!row) throw missingColumn(table, name, findRenamed(table, name, rows, before));
    if (!carries(type, row)) throw retypedColumn(table.name, name, type, row.type);
    if (type.kind === 'enum') checkLabels(table.name, name, type.labels, row.labels ?? []);
    return {
      name,
      attnum: row.attnum,
      type: row.type,
      missingValue: row.missing_value,
      ...(row.labels && { labels: [...row.labels] }),
      ...(row.expression !== null && { expression: digestExpression(row.expression) }),
    };
  });
  return { oid: first.oid, columns };
}

// The node tree, not pg_get_expr: that depends on search_path and on the names of other columns. A location is a place in the statement's text.
function digestExpression(nodes: string): string {
  return createHash('sha256')
    .update(nodes.replaceAll(/ :location -?\d+/g, ''))
    .digest('hex');
}

// Text of another length, a timestamp of another precision and a narrower decimal are carried exactly all the same.
function carries(type: ColumnType, row: ColumnRow): boolean {
  switch (type.kind) {
    case 'enum':
      return row.is_enum && row.type === type.name;
    case 'text':
    case 'varchar':
      return !row.is_enum && /^(text|character varying(\(\d+\))?)$/.test(row.type);
    case 'timestamp':
      return /^timestamp(\(\d\))? without time zone$/.test(row.type);
    case 'time':
      return /^time(\(\d\))? without time zone$/.test(row.type);
    case 'numeric': {
      if (type.unconstrained && row.type === 'numeric') return true;
      const match = /^numeric\((\d+),(\d+)\)$/.exec(row.type);
      if (!match) return false;
      const [precision, scale] = [Number(match[1]), Number(match[2])];
      return scale <= type.scale && precision - scale <= type.precision - type.scale;
    }
    default:
      return row.type === postgresType(type);
  }
}

function checkLabels(table: string, column: string, known: readonly string[], found: readonly string[]): void {
  const unknown = found.filter((label) => !known.includes(label));
  if (unknown.length === 0) return;
  throw new PipelineError(
    ErrorCode.SOURCE_LABEL_UNKNOWN,
    `Column '${column}' of table '${table}' has labels that the model does not know: expected ${known.join(', ')}; got also ${unknown.join(', ')}. Add them to the model, or take them out of the type; nothing is lost meanwhile.`,
    { context: { table, column } },
  );
}

/** A table of the model that the source lacks. */
export function missingTable(table: string): PipelineError {
  return new PipelineError(
    ErrorCode.SOURCE_TABLE_MISSING,
    `Table 'public.${table}' is not in the source. Restore it, or take it out of the model; nothing is lost meanwhile.`,
    { context: { table } },
  );
}

/** A table of the model that is another kind of relation in the source. */
export function notATable(table: string, kind: string): PipelineError {
  return new PipelineError(
    ErrorCode.SOURCE_TABLE_MISSING,
    `'public.${table}' of the source is not a table: expected an ordinary or partitioned table, got ${kind}. A run follows rows by their transaction ids, which only a table has. Name the database that has the table itself.`,
    { context: { table } },
  );
}

// A column keeps its place when it is renamed.
function findRenamed(
  table: SourceTable,
  name: string,
  rows: readonly ColumnRow[],
  before: TableLayout | undefined,
): string | undefined {
  const attnum = before?.columns.find((column) => column.name === name)?.attnum;
  const row = rows.find((candidate) => candidate.attnum === attnum && candidate.oid === before?.oid);
  return row && !(row.column in table.columns) ? row.column : undefined;
}

function missingColumn(table: SourceTable, column: string, renamed: string | undefined): PipelineError {
  const type = expectedType(table.columns[column]!.type);
  const message =
    renamed === undefined
      ? `Column '${column}' of table '${table.name}' is not in the source: expected a column of type ${type}, got none. Restore it, or take it out of the model; nothing is lost meanwhile.`
      : `Column '${column}' of table '${table.name}' has been renamed: expected that name, got '${renamed}'. Rename it back, or rename it in the model; nothing is lost meanwhile.`;
  return new PipelineError(ErrorCode.SOURCE_COLUMN_MISSING, message, {
    context: { table: table.name, column, renamed },
  });
}

function retypedColumn(table: string, column: string, type: ColumnType, got: string): PipelineError {
  return new PipelineError(
    ErrorCode.SOURCE_COLUMN_RETYPED,
    `Column '${column}' of table '${table}' has another type: expected ${expectedType(type)}, got ${got}. Change it back, or change the model; nothing is lost meanwhile.`,
    { context: { table, column } },
  );
}

function expectedType(type: ColumnType): string {
  return type.kind === 'enum' ? `the enum '${type.name}'` : postgresType(type);
}
