import type { ColumnType, SourceTable } from '@totesys/schema';
import * as arrow from 'apache-arrow';
import { bitAt, decimalAt, int64Words } from './arrow/words.ts';
import { dateOf } from './calendar/calendar-date.ts';
import { type DayAndTime, splitTimestamp } from './calendar/day-and-time.ts';

/**
 * Returns the value at `row` as Postgres writes it, exactly, or null for a null. A time of day may be stored as a
 * timestamp; the text is then its time of day.
 */
export function exactText(type: ColumnType, data: arrow.Data, row: number): string | null {
  if (!data.getValid(row)) return null;
  switch (type.kind) {
    case 'boolean':
      return bitAt(data.values, row) === 1 ? 'true' : 'false';
    case 'numeric':
      return decimalText(decimalAt(data.values, row), type.scale);
    case 'date':
      return dateText(data.values[row]);
    case 'time':
      return timeText(arrow.DataType.isTimestamp(data.type) ? split(data, row).micros : Number(data.values[row]));
    case 'timestamp':
      return timestampText(data, row);
    case 'integer':
    case 'bigint':
      return String(data.values[row]);
    default:
      return textAt(data, row);
  }
}

/** Returns the text at `row` of a column of UTF-8. */
export function textAt(data: arrow.Data, row: number): string {
  return bytesAt(data, row).toString('utf8');
}

/** Returns the bytes at `row` of a column of UTF-8, in the column's own memory. */
export function bytesAt(data: arrow.Data, row: number): Buffer {
  const { buffer, byteOffset }: Uint8Array = data.values;
  const start: number = data.valueOffsets[row];
  return Buffer.from(buffer, byteOffset + start, data.valueOffsets[row + 1] - start);
}

/** Returns a whole source row as JSON: the exact text of each column, or null. */
export function exactRow(table: SourceTable, rows: arrow.RecordBatch, row: number): string {
  const texts = Object.entries(table.columns).map(([name, { type }], column) => [
    name,
    exactText(type, rows.data.children[column]!, row),
  ]);
  return JSON.stringify(Object.fromEntries(texts));
}

function decimalText(unscaled: bigint, scale: number): string {
  const sign = unscaled < 0n ? '-' : '';
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

// Postgres has no year 0: the astronomical year 0 is 1 BC.
function dateText(days: number): string {
  const { year, month, day } = dateOf(days);
  const yearOfEra = year > 0 ? year : 1 - year;
  const date = `${String(yearOfEra).padStart(4, '0')}-${two(month)}-${two(day)}`;
  return year > 0 ? date : `${date} BC`;
}

function timeText(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000);
  const fraction = String(micros % 1_000_000)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const time = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return fraction === '' ? time : `${time}.${fraction}`;
}

function timestampText(data: arrow.Data, row: number): string {
  const { day, micros } = split(data, row);
  const [date, era] = dateText(day).split(' ');
  return `${date} ${timeText(micros)}${era ? ' BC' : ''}`;
}

function split(data: arrow.Data, row: number): DayAndTime {
  const parts: DayAndTime = { day: 0, micros: 0 };
  splitTimestamp(int64Words(data), row, parts);
  return parts;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
