import { arrowSchema, columnBuilder, copyValue, dataOf, exactRow, exactText, recordBatch } from '@totesys/columns';
import type { QuarantinedValue } from '@totesys/lake';
import {
  type ColumnType,
  type Dimension,
  type Fact,
  lakeColumns,
  type SourceTable,
  text,
  type WarehouseColumn,
} from '@totesys/schema';
import * as arrow from 'apache-arrow';
import { deriveColumn, sourceColumn } from './derive-column.ts';
import type { Lookups } from './lookup.ts';

/** The text of a dimension where it must not be null and nothing can be derived. */
const UNKNOWN = 'Unknown';

/** The rows of a warehouse table that are derived from source rows, and the values that break the contract. */
export interface DerivedRows {
  readonly rows: arrow.RecordBatch;
  /** Can be iterated once: each value is made when it is taken, because it contains its whole row as text. */
  readonly broken: Iterable<QuarantinedValue>;
  /** The keys of the rows that show a placeholder, by the column of a dimension. */
  readonly placeholders: ReadonlyMap<WarehouseColumn, readonly number[]>;
}

interface Fault {
  readonly row: number;
  readonly column: WarehouseColumn;
  readonly reason: string;
}

/**
 * Derives the rows of a warehouse table from source rows, in their order, with the columns of the processed lake. Rows
 * that break the contract are left out.
 */
export function deriveRows(
  table: Dimension | Fact,
  source: SourceTable,
  rows: arrow.RecordBatch,
  lookups: Lookups,
): DerivedRows {
  const faults: Fault[] = [];
  const placeholders = new Map<WarehouseColumn, number[]>();
  const keys: Int32Array | BigInt64Array = dataOf(rows, source.key).values;
  const columns = lakeColumns(table);
  const derived = columns.map((column) => {
    const rowsAtFault = new Set<number>();
    const placeholderKeys: number[] = [];
    const data = deriveColumn(column, rows, lookups, {
      fault: (row, reason) => {
        rowsAtFault.add(row);
        faults.push({ row, column, reason });
      },
      placeholder: (row) => void placeholderKeys.push(Number(keys[row])),
    });
    const needsPlaceholders = !column.nullable && table.kind === 'dimension' && arrow.DataType.isUtf8(data.type);
    if (needsPlaceholders) for (const row of nullsOf(data)) placeholderKeys.push(Number(keys[row]));
    if (placeholderKeys.length > 0) placeholders.set(column, placeholderKeys);
    if (needsPlaceholders) return data.nullCount === 0 ? data : withPlaceholder(data, column.placeholder ?? UNKNOWN);
    if (column.nullable) return data;
    for (const row of nullsOf(data)) {
      if (!rowsAtFault.has(row)) faults.push({ row, column, reason: 'null where a value is needed' });
    }
    return data;
  });
  const rejected = new Set(faults.map(({ row }) => row));
  const kept = derived.map((data, i) => (rejected.size > 0 ? without(rejected, data, columns[i]!.type) : data));
  return {
    rows: recordBatch(arrowSchema(columns), kept, rows.numRows - rejected.size),
    broken: quarantinedValues(faults, table, source, rows),
    placeholders,
  };
}

function* nullsOf(data: arrow.Data): Generator<number> {
  if (data.nullCount === 0) return;
  for (let row = 0; row < data.length; row++) if (!data.getValid(row)) yield row;
}

function withPlaceholder(data: arrow.Data, placeholder: string): arrow.Data {
  const builder = columnBuilder(text());
  for (let row = 0; row < data.length; row++) {
    if (data.getValid(row)) copyValue(data, row, builder);
    else builder.append(placeholder);
  }
  return builder.finish();
}

function without(rejected: ReadonlySet<number>, data: arrow.Data, type: ColumnType): arrow.Data {
  const builder = columnBuilder(type);
  for (let row = 0; row < data.length; row++) if (!rejected.has(row)) copyValue(data, row, builder);
  return builder.finish();
}

function* quarantinedValues(
  faults: readonly Fault[],
  table: Dimension | Fact,
  source: SourceTable,
  rows: arrow.RecordBatch,
): Generator<QuarantinedValue> {
  const keys = dataOf(rows, source.key).values;
  for (const { row, column, reason } of faults) {
    const name = sourceColumn(column.derivation);
    yield {
      key: Number(keys[row]),
      warehouseTable: table.name,
      column: name,
      reason,
      text: exactText(source.columns[name]!.type, dataOf(rows, name), row),
      row: exactRow(source, rows, row),
    };
  }
}
