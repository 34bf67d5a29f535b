import { createHash } from 'node:crypto';
import type { TableState } from '@totesys/lake';
import { nameRelationKind, type PipelineError } from '@totesys/runtime';
import { type ColumnType, postgresType, type SourceTable } from '@totesys/schema';
import type { ColumnRow } from '../sql/describe-tables.ts';
import { missingColumn, missingTable, notATable, retypedColumn, rowsHidden, unknownLabels } from './layout-faults.ts';

type TableLayout = TableState['layout'];

/** Returns how a table of the source differs from what the model expects; nothing if a run can read it. */
export function findTableFaults(
  table: SourceTable,
  rows: readonly ColumnRow[],
  before: TableLayout | undefined,
): PipelineError[] {
  const [first] = rows;
  if (!first) return [missingTable(table.name)];
  if (first.relkind !== 'r' && first.relkind !== 'p') return [notATable(table.name, nameRelationKind(first.relkind))];
  if (first.hides_rows) return [rowsHidden(table.name)];
  return Object.entries(table.columns).flatMap(([name, { type }]) => {
    const row = rows.find(({ column }) => column === name);
    if (!row) return [missingColumn(table, name, findRenamed(table, name, rows, before))];
    if (!carries(type, row)) return [retypedColumn(table.name, name, type, row.type)];
    return type.kind === 'enum' ? findUnknownLabels(table.name, name, type.labels, row.labels ?? []) : [];
  });
}

/** Returns the layout of a table without faults from its columns in the source. */
export function describeTable(table: SourceTable, rows: readonly ColumnRow[]): TableLayout {
  const columns = Object.keys(table.columns).map((name) => {
    const row = rows.find(({ column }) => column === name)!;
    return {
      name,
      attnum: row.attnum,
      type: row.type,
      missingValue: row.missing_value,
      ...(row.labels && { labels: [...row.labels] }),
      ...(row.expression !== null && { expression: digestExpression(row.expression) }),
    };
  });
  return { oid: rows[0]!.oid, columns };
}

// A renamed column keeps its attnum.
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

// Text of another length, a timestamp of another precision and a narrower decimal are carried exactly, too.
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

function findUnknownLabels(
  table: string,
  column: string,
  expected: readonly string[],
  found: readonly string[],
): PipelineError[] {
  const unknown = found.filter((label) => !expected.includes(label));
  return unknown.length > 0 ? [unknownLabels(table, column, { expected, unknown })] : [];
}

// Hashes the node tree: pg_get_expr depends on search_path and on the names of other columns. Locations are left out,
// because they are offsets in the statement.
function digestExpression(nodes: string): string {
  return createHash('sha256')
    .update(nodes.replaceAll(/ :location -?\d+/g, ''))
    .digest('hex');
}
