import {
  columnBuilder,
  copyValue,
  type DayAndTime,
  findDate,
  type Int32Builder,
  int64Words,
  splitTimestamp,
  type TextBuilder,
} from '@totesys/columns';
import type { WarehouseColumn } from '@totesys/schema';
import type * as arrow from 'apache-arrow';
import { currencyName } from './currency-name.ts';
import type { Lookups } from './lookup.ts';

/** What is to be said of rows as a column is derived. */
export interface Remarks {
  /** The value cannot be derived, and why; what the column holds there instead is null. */
  fault(row: number, reason: string): void;
  /** The column shows something in place of what there is not. */
  placeholder(row: number): void;
}

/** Derives one column of the processed lake from source rows: the same number of rows, in the same order. */
export function deriveColumn(
  column: WarehouseColumn,
  rows: arrow.RecordBatch,
  lookups: Lookups,
  remarks: Remarks,
): arrow.Data {
  const { derivation } = column;
  const source = rows.getChild(derivation.kind === 'joined' ? derivation.by : derivation.column)!.data[0]!;
  switch (derivation.kind) {
    case 'column':
      return source;
    case 'joined':
      return deriveJoined(column, source, lookups, derivation);
    case 'dateOf':
      return deriveDay(column, source);
    case 'timeOf':
      throw new Error(`The processed lake carries '${column.name}' as the timestamp that it is the time of.`);
    case 'parsedDate':
      return deriveParsedDate(column, source, remarks);
    case 'currencyName':
      return deriveCurrencyName(column, source, remarks);
  }
}

function deriveJoined(
  column: WarehouseColumn,
  keys: arrow.Data,
  lookups: Lookups,
  derivation: { by: string; column: string },
): arrow.Data {
  const builder = columnBuilder(column.type);
  const lookup = lookups.get(derivation.by);
  const values = lookup?.column(derivation.column);
  for (let row = 0; row < keys.length; row++) {
    const found = keys.getValid(row) ? lookup?.find(keys.values[row]) : undefined;
    if (found && values) copyValue(values[found.batch]!, found.row, builder);
    else builder.appendNull();
  }
  return builder.finish();
}

function deriveDay(column: WarehouseColumn, source: arrow.Data): arrow.Data {
  const builder = columnBuilder(column.type) as Int32Builder;
  const words = int64Words(source);
  const split: DayAndTime = { day: 0, micros: 0 };
  for (let row = 0; row < source.length; row++) {
    if (!source.getValid(row)) {
      builder.appendNull();
      continue;
    }
    splitTimestamp(words, row, split);
    builder.append(split.day);
  }
  return builder.finish();
}

function deriveParsedDate(column: WarehouseColumn, source: arrow.Data, remarks: Remarks): arrow.Data {
  const builder = columnBuilder(column.type) as Int32Builder;
  const bytes = source.values as Uint8Array;
  const offsets = source.valueOffsets as Int32Array;
  for (let row = 0; row < source.length; row++) {
    if (!source.getValid(row)) {
      builder.appendNull();
      continue;
    }
    const days = findDate(bytes, offsets[row]!, offsets[row + 1]!);
    if (days === undefined) {
      remarks.fault(row, 'no date of the form YYYY-MM-DD');
      builder.appendNull();
    } else builder.append(days);
  }
  return builder.finish();
}

function deriveCurrencyName(column: WarehouseColumn, source: arrow.Data, remarks: Remarks): arrow.Data {
  const builder = columnBuilder(column.type) as TextBuilder;
  const bytes = source.values as Uint8Array;
  const offsets = source.valueOffsets as Int32Array;
  for (let row = 0; row < source.length; row++) {
    if (!source.getValid(row)) {
      builder.appendNull();
      continue;
    }
    const code = Buffer.from(bytes.subarray(offsets[row]!, offsets[row + 1]!)).toString('utf8');
    const name = currencyName(code);
    if (name === code) remarks.placeholder(row);
    builder.append(name);
  }
  return builder.finish();
}
