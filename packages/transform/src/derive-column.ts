import {
  columnBuilder,
  copyValue,
  type DayAndTime,
  dataOf,
  findDate,
  int64Words,
  splitTimestamp,
  textAt,
} from '@totesys/columns';
import { type ColumnType, type Derivation, date, text, type WarehouseColumn } from '@totesys/schema';
import type * as arrow from 'apache-arrow';
import { currencyName } from './currency-name.ts';
import type { Lookup, Lookups } from './lookup.ts';

/** Receives the rows whose value a derivation replaces. */
export interface DerivationObserver {
  /** The value cannot be derived; the column has a null in its place. */
  fault(row: number, reason: string): void;
  /** The source has no value; the column has a placeholder. */
  placeholder(row: number): void;
}

/** Derives one column of the processed lake from source rows. It has the same number of rows, in the same order. */
export function deriveColumn(
  column: WarehouseColumn,
  rows: arrow.RecordBatch,
  lookups: Lookups,
  observer: DerivationObserver,
): arrow.Data {
  const { derivation } = column;
  const source = dataOf(rows, sourceColumn(derivation));
  switch (derivation.kind) {
    case 'column':
      return source;
    case 'joined':
      return deriveJoined(column.type, source, lookups.get(derivation.by), derivation.column);
    case 'dateOf':
      return deriveDay(source);
    case 'timeOf':
      throw new Error(`Column '${column.name}' cannot be derived: the processed lake has its timestamp instead.`);
    case 'parsedDate':
      return deriveParsedDate(source, observer);
    case 'currencyName':
      return deriveCurrencyName(source, observer);
  }
}

/** Returns the source column that a derivation reads. */
export function sourceColumn(derivation: Derivation): string {
  return derivation.kind === 'joined' ? derivation.by : derivation.column;
}

function deriveJoined(type: ColumnType, keys: arrow.Data, lookup: Lookup | undefined, name: string): arrow.Data {
  const builder = columnBuilder(type);
  const values = lookup?.column(name) ?? [];
  for (let row = 0; row < keys.length; row++) {
    const place = keys.getValid(row) ? lookup?.find(keys.values[row]) : undefined;
    const data = place && values[place.recordBatch];
    if (data) copyValue(data, place.row, builder);
    else builder.appendNull();
  }
  return builder.finish();
}

function deriveDay(timestamps: arrow.Data): arrow.Data {
  const builder = columnBuilder(date());
  const words = int64Words(timestamps);
  const split: DayAndTime = { day: 0, micros: 0 };
  for (let row = 0; row < timestamps.length; row++) {
    if (!timestamps.getValid(row)) {
      builder.appendNull();
      continue;
    }
    splitTimestamp(words, row, split);
    builder.append(split.day);
  }
  return builder.finish();
}

function deriveParsedDate(texts: arrow.Data, observer: DerivationObserver): arrow.Data {
  const builder = columnBuilder(date());
  const bytes: Uint8Array = texts.values;
  const offsets: Int32Array = texts.valueOffsets;
  for (let row = 0; row < texts.length; row++) {
    if (!texts.getValid(row)) {
      builder.appendNull();
      continue;
    }
    const days = findDate(bytes, offsets[row]!, offsets[row + 1]!);
    if (days === undefined) {
      observer.fault(row, 'no date of the form YYYY-MM-DD');
      builder.appendNull();
    } else builder.append(days);
  }
  return builder.finish();
}

function deriveCurrencyName(codes: arrow.Data, observer: DerivationObserver): arrow.Data {
  const builder = columnBuilder(text());
  for (let row = 0; row < codes.length; row++) {
    if (!codes.getValid(row)) {
      builder.appendNull();
      continue;
    }
    const code = textAt(codes, row);
    const name = currencyName(code);
    if (name === code) observer.placeholder(row);
    builder.append(name);
  }
  return builder.finish();
}
