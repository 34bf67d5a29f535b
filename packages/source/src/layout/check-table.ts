import { createHash } from 'node:crypto';
import type { TableState } from '@totesys/lake';
import { nameRelationKind } from '@totesys/runtime';
import { type ColumnType, postgresType, type SourceTable } from '@totesys/schema';
import type { ColumnRow } from '../sql/describe-tables.ts';
import { missingColumn, missingTable, notATable, retypedColumn, rowsHidden, unknownLabels } from './layout-faults.ts';

type TableLayout = TableState['layout'];

/** Returns a table's layout from its columns in the source; throws unless it is what the model expects. */
export function checkTable(
  table: SourceTable,
  rows: readonly ColumnRow[],
  before: TableLayout | undefined,
): TableLayout {
  const [first] = rows;
  if (!first) throw missingTable(table.name);
  if (first.relkind !== 'r' && first.relkind !== 'p') throw notATable(table.name, nameRelationKind(first.relkind));
  if (first.hides_rows) throw rowsHidden(table.name);
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

function checkLabels(table: string, column: string, expected: readonly string[], found: readonly string[]): void {
  const unknown = found.filter((label) => !expected.includes(label));
  if (unknown.length > 0) throw unknownLabels(table, column, { expected, unknown });
}

// Hashes the node tree: pg_get_expr depends on search_path and on the names of other columns. Locations are left out,
// because they are offsets in the statement.
function digestExpression(nodes: string): string {
  return createHash('sha256')
    .update(nodes.replaceAll(/ :location -?\d+/g, ''))
    .digest('hex');
}
