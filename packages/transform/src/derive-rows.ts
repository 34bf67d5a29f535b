import {
  arrowSchema,
  columnBuilder,
  copyValue,
  exactRow,
  exactText,
  recordBatch,
  type TextBuilder,
} from '@totesys/columns';
import type { QuarantinedValue } from '@totesys/lake';
import { type Dimension, type Fact, lakeColumns, type SourceTable, type WarehouseColumn } from '@totesys/schema';
import * as arrow from 'apache-arrow';
import { deriveColumn } from './derive-column.ts';
import type { Lookups } from './lookup.ts';

/** What a dimension shows where a text must not be null and nothing can be derived. */
const UNKNOWN = 'Unknown';

/** The rows of a warehouse table that source rows give, and what breaks the contract instead. */
export interface DerivedRows {
  readonly rows: arrow.RecordBatch;
  /** Made one by one as they are taken, once: each has its whole row as text. */
  readonly broken: Iterable<QuarantinedValue>;
  /** The keys of the rows that show a placeholder, by the column of a dimension. */
  readonly placeholders: ReadonlyMap<WarehouseColumn, readonly number[]>;
}

interface Fault {
  readonly row: number;
  readonly column: WarehouseColumn;
  readonly reason: string;
}

/** Derives the rows of a warehouse table, with the columns of the processed lake, from source rows, in their order. A fact's row that breaks the contract is left out. */
export function deriveRows(
  table: Dimension | Fact,
  source: SourceTable,
  rows: arrow.RecordBatch,
  lookups: Lookups,
): DerivedRows {
  const faults: Fault[] = [];
  const placeholders = new Map<WarehouseColumn, number[]>();
  const keys = rows.getChild(source.key)!.data[0]!.values as Int32Array | BigInt64Array;
  const keyAt = (row: number) => Number(keys[row]);
  const declared = lakeColumns(table);
  let columns = declared.map((column) => {
    const atFault = new Set<number>();
    const shown: number[] = [];
    const data = deriveColumn(column, rows, lookups, {
      fault: (row, reason) => {
        atFault.add(row);
        faults.push({ row, column, reason });
      },
      placeholder: (row) => void shown.push(keyAt(row)),
    });
    if (shown.length > 0) placeholders.set(column, shown);
    if (column.nullable || data.nullCount === 0) return data;
    if (table.kind === 'dimension' && arrow.DataType.isUtf8(data.type)) {
      for (let row = 0; row < data.length; row++) if (!data.getValid(row)) shown.push(keyAt(row));
      placeholders.set(column, shown);
      return withPlaceholder(column, data);
    }
    for (let row = 0; row < data.length; row++) {
      if (data.getValid(row) || atFault.has(row)) continue;
      faults.push({ row, column, reason: 'null where a value is needed' });
    }
    return data;
  });
  const rejected = new Set(faults.map(({ row }) => row));
  if (rejected.size > 0) columns = columns.map((data, i) => without(rejected, data, declared[i]!));
  return {
    rows: recordBatch(arrowSchema(declared), columns, rows.numRows - rejected.size),
    broken: quarantinedValues(faults, table, source, rows),
    placeholders,
  };
}

function withPlaceholder(column: WarehouseColumn, data: arrow.Data): arrow.Data {
  const builder = columnBuilder(column.type) as TextBuilder;
  for (let row = 0; row < data.length; row++) {
    if (data.getValid(row)) copyValue(data, row, builder);
    else builder.append(column.placeholder ?? UNKNOWN);
  }
  return builder.finish();
}

function without(rejected: ReadonlySet<number>, data: arrow.Data, column: WarehouseColumn): arrow.Data {
  const builder = columnBuilder(column.type);
  for (let row = 0; row < data.length; row++) if (!rejected.has(row)) copyValue(data, row, builder);
  return builder.finish();
}

function* quarantinedValues(
  faults: readonly Fault[],
  table: Dimension | Fact,
  source: SourceTable,
  rows: arrow.RecordBatch,
): Generator<QuarantinedValue> {
  for (const { row, column, reason } of faults) {
    const { derivation } = column;
    const name = derivation.kind === 'joined' ? derivation.by : derivation.column;
    yield {
      key: Number(rows.getChild(source.key)!.data[0]!.values[row]),
      warehouseTable: table.name,
      column: name,
      reason,
      text: exactText(source.columns[name]!.type, rows.getChild(name)!.data[0]!, row),
      row: exactRow(source, rows, row),
    };
  }
}
