import type { ColumnType } from '@totesys/schema';
import * as arrow from 'apache-arrow';
import { bitAt, int64Words, TWO_TO_32 } from '../arrow/words.ts';
import { type DayAndTime, splitTimestamp } from '../calendar/day-and-time.ts';
import { NULL_LENGTH } from './binary-copy.ts';
import type { Encode } from './codec.ts';
import type { CopyBuffer } from './copy-buffer.ts';
import { encodeNumeric } from './numeric-encoder.ts';
import { EPOCH_DAYS, EPOCH_MICROS } from './postgres-epoch.ts';

const EPOCH_MICROS_BIG = BigInt(EPOCH_MICROS);

/** Returns the encoder of a column of rows. The formats are those that Postgres' `…_recv` functions read. */
export function columnEncoder(output: CopyBuffer, type: ColumnType, data: arrow.Data): Encode {
  const encode = encodeValues(output, type, data);
  if (data.nullCount === 0) return encode;
  return (row) => {
    if (data.getValid(row)) encode(row);
    else output.int32(NULL_LENGTH);
  };
}

function encodeValues(output: CopyBuffer, type: ColumnType, data: arrow.Data): Encode {
  switch (type.kind) {
    case 'boolean':
      return encodeBoolean(output, data);
    case 'integer':
      return encodeInteger(output, data, 0);
    case 'date':
      return encodeInteger(output, data, -EPOCH_DAYS);
    case 'bigint':
      return encodeBigint(output, data);
    case 'time':
      return arrow.DataType.isTimestamp(data.type) ? encodeTimeOf(output, data) : encodeBigint(output, data);
    case 'timestamp':
      return encodeTimestamp(output, data);
    case 'numeric':
      return encodeNumeric(output, type.scale, data);
    default:
      return encodeText(output, data);
  }
}

function encodeBoolean(output: CopyBuffer, data: arrow.Data): Encode {
  const bits: Uint8Array = data.values;
  return (row) => {
    output.int32(1);
    output.byte(bitAt(bits, row));
  };
}

function encodeInteger(output: CopyBuffer, data: arrow.Data, offset: number): Encode {
  const values: Int32Array = data.values;
  return (row) => {
    output.int32(4);
    output.int32(values[row]! + offset);
  };
}

function encodeBigint(output: CopyBuffer, data: arrow.Data): Encode {
  const words = int64Words(data);
  return (row) => {
    output.int32(8);
    output.int32(words[2 * row + 1]!);
    output.int32(words[2 * row]!);
  };
}

function encodeTimestamp(output: CopyBuffer, data: arrow.Data): Encode {
  const values: BigInt64Array = data.values;
  return (row) => {
    const micros = values[row]! - EPOCH_MICROS_BIG;
    output.int32(8);
    output.int32(Number(micros >> 32n));
    output.int32(Number(micros & 0xffffffffn));
  };
}

// Encodes the time of day of timestamps.
function encodeTimeOf(output: CopyBuffer, data: arrow.Data): Encode {
  const words = int64Words(data);
  const split: DayAndTime = { day: 0, micros: 0 };
  return (row) => {
    splitTimestamp(words, row, split);
    output.int32(8);
    output.int32(Math.floor(split.micros / TWO_TO_32));
    output.int32((split.micros % TWO_TO_32) | 0);
  };
}

function encodeText(output: CopyBuffer, data: arrow.Data): Encode {
  const bytes: Uint8Array = data.values;
  const offsets: Int32Array = data.valueOffsets;
  return (row) => {
    const start = offsets[row]!;
    const end = offsets[row + 1]!;
    output.int32(end - start);
    output.bytes(bytes, start, end);
  };
}
