import type { ColumnType } from '@totesys/schema';
import {
  type BooleanBuilder,
  type ColumnBuilder,
  columnBuilder,
  type Int32Builder,
  type Int64Builder,
  type TextBuilder,
} from '../arrow/column-builder.ts';
import { INT64_MAX, isExact } from '../arrow/words.ts';
import { DAY_MICROS } from '../calendar/day-and-time.ts';
import { readInt32, readInt64, readInt64AsNumber } from './big-endian.ts';
import type { Decode } from './codec.ts';
import { decodeNumeric } from './numeric-decoder.ts';
import {
  DATE_INFINITY,
  DATE_MINUS_INFINITY,
  EPOCH_DAYS,
  EPOCH_MICROS,
  TIMESTAMP_INFINITY,
  TIMESTAMP_MINUS_INFINITY,
} from './postgres-epoch.ts';

const EPOCH_MICROS_BIG = BigInt(EPOCH_MICROS);

/** Decodes the binary values of one column into its builder. */
export interface ColumnDecoder {
  readonly name: string;
  readonly builder: ColumnBuilder;
  readonly decode: Decode;
}

/** Returns the decoder of a column, with its own builder. The formats are those of Postgres' `…_send` functions. */
export function columnDecoder(name: string, type: ColumnType): ColumnDecoder {
  switch (type.kind) {
    case 'boolean':
      return decoderInto(name, columnBuilder(type), decodeBoolean);
    case 'integer':
      return decoderInto(name, columnBuilder(type), decodeInteger);
    case 'date':
      return decoderInto(name, columnBuilder(type), decodeDate);
    case 'bigint':
      return decoderInto(name, columnBuilder(type), decodeBigint);
    case 'time':
      return decoderInto(name, columnBuilder(type), decodeTime);
    case 'timestamp':
      return decoderInto(name, columnBuilder(type), decodeTimestamp);
    case 'numeric':
      return decoderInto(name, columnBuilder(type), (builder) => decodeNumeric(builder, type));
    default:
      return decoderInto(name, columnBuilder(type), decodeText);
  }
}

function decoderInto<B extends ColumnBuilder>(
  name: string,
  builder: B,
  decodeInto: (builder: B) => Decode,
): ColumnDecoder {
  return { name, builder, decode: decodeInto(builder) };
}

function decodeText(builder: TextBuilder): Decode {
  return (buffer, at, length) => {
    builder.appendBytes(buffer, at, at + length);
    return undefined;
  };
}

function decodeBoolean(builder: BooleanBuilder): Decode {
  return (buffer, at) => {
    builder.append(buffer[at] === 1);
    return undefined;
  };
}

function decodeInteger(builder: Int32Builder): Decode {
  return (buffer, at) => {
    builder.append(readInt32(buffer, at));
    return undefined;
  };
}

function decodeBigint(builder: Int64Builder): Decode {
  return (buffer, at) => {
    builder.appendBigInt(readInt64(buffer, at));
    return undefined;
  };
}

function decodeDate(builder: Int32Builder): Decode {
  return (buffer, at) => {
    const days = readInt32(buffer, at);
    if (days === DATE_INFINITY) return 'infinity';
    if (days === DATE_MINUS_INFINITY) return '-infinity';
    builder.append(days + EPOCH_DAYS);
    return undefined;
  };
}

function decodeTime(builder: Int64Builder): Decode {
  return (buffer, at) => {
    const micros = readInt64AsNumber(buffer, at);
    // Postgres has 24:00:00; the time of day of Arrow and Parquet ends before it.
    if (micros >= DAY_MICROS) return 'time 24:00:00';
    builder.append(micros);
    return undefined;
  };
}

function decodeTimestamp(builder: Int64Builder): Decode {
  return (buffer, at) => {
    if (isExact(readInt32(buffer, at))) {
      builder.append(readInt64AsNumber(buffer, at) + EPOCH_MICROS);
      return undefined;
    }
    const micros = readInt64(buffer, at);
    if (micros === TIMESTAMP_INFINITY) return 'infinity';
    if (micros === TIMESTAMP_MINUS_INFINITY) return '-infinity';
    if (micros + EPOCH_MICROS_BIG > INT64_MAX) return 'beyond 64 bits of microseconds';
    builder.appendBigInt(micros + EPOCH_MICROS_BIG);
    return undefined;
  };
}
