import type { ColumnType, SourceTable } from '@totesys/schema';
import * as arrow from 'apache-arrow';
import { booleanAt, decimalAt } from './arrow/copy-value.ts';
import { dateOf } from './calendar/calendar-date.ts';
import { type DayAndTime, splitTimestamp, wordsOf } from './calendar/day-and-time.ts';

/** The value at `row` as Postgres writes it, null for null: nothing of it is lost or rounded. The time of a timestamp is its time of day. */
export function exactText(type: ColumnType, data: arrow.Data, row: number): string | null {
  if (!data.getValid(row)) return null;
  switch (type.kind) {
    case 'boolean':
      return booleanAt(data, row) ? 'true' : 'false';
    case 'numeric':
      return decimalText(decimalAt(data, row), type.scale);
    case 'date':
      return dateText(data.values[row] as number);
    case 'time':
      return timeText(arrow.DataType.isTimestamp(data.type) ? split(data, row).micros : Number(data.values[row]));
    case 'timestamp':
      return timestampText(data, row);
    case 'integer':
    case 'bigint':
      return String(data.values[row]);
    default: {
      const [start, end] = [data.valueOffsets[row] as number, data.valueOffsets[row + 1] as number];
      return Buffer.from((data.values as Uint8Array).subarray(start, end)).toString('utf8');
    }
  }
}

/** A whole source row as JSON: each column's exact text or null. */
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
  const shown = year > 0 ? year : 1 - year;
  const date = `${String(shown).padStart(4, '0')}-${two(month)}-${two(day)}`;
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
  splitTimestamp(wordsOf(data), row, parts);
  return parts;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
