import type { ColumnType } from '@totesys/schema';
import type { Statistics } from 'hyparquet';

/** Characters of a text that a bound keeps: what other writers of the format keep, too. */
const BOUND_CHARACTERS = 16;
/** Decimals whose bounds the footer shows exactly have at most this many digits. */
const EXACT_DECIMAL_DIGITS = 15;
const LAST_CODE_POINT = 0x10ffff;
const SURROGATES = [0xd800, 0xdfff] as const;

/** A value of a column's statistics; dates are days and timestamps are microseconds since 1970. */
export type BoundValue = Statistics['min_value'];

/** Returns the least value of a column in the format's bytes, which depend on its type; undefined for no bound. */
export function lowerBound(type: ColumnType, value: BoundValue): Buffer | undefined {
  if (typeof value !== 'string') return boundOf(type, value);
  return Buffer.from([...value].slice(0, BOUND_CHARACTERS).join(''), 'utf8');
}

/** Returns the greatest value of a column in the format's bytes. A cut text is raised, so that it bounds all. */
export function upperBound(type: ColumnType, value: BoundValue): Buffer | undefined {
  if (typeof value !== 'string') return boundOf(type, value);
  const characters = [...value];
  if (characters.length <= BOUND_CHARACTERS) return Buffer.from(value, 'utf8');
  const kept = characters.slice(0, BOUND_CHARACTERS);
  for (let last = kept.pop(); last !== undefined; last = kept.pop()) {
    const next = last.codePointAt(0)! + 1;
    if (next > LAST_CODE_POINT) continue;
    const raised = next >= SURROGATES[0] && next <= SURROGATES[1] ? SURROGATES[1] + 1 : next;
    return Buffer.from(kept.join('') + String.fromCodePoint(raised), 'utf8');
  }
  return undefined;
}

function boundOf(type: ColumnType, value: BoundValue): Buffer | undefined {
  if (value === undefined) return undefined;
  if (type.kind === 'boolean') return Buffer.from([value ? 1 : 0]);
  if (type.kind === 'integer' || type.kind === 'date') {
    const buffer = Buffer.alloc(4);
    buffer.writeInt32LE(Number(value));
    return buffer;
  }
  if (type.kind === 'numeric') return decimalBound(type, value);
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64LE(BigInt(value as number | bigint));
  return buffer;
}

// The shortest big-endian two's complement of the unscaled integer.
function decimalBound({ precision, scale }: { precision: number; scale: number }, value: BoundValue) {
  if (precision > EXACT_DECIMAL_DIGITS) return undefined;
  let left = BigInt(Math.round(Number(value) * 10 ** scale));
  const bytes: number[] = [];
  do {
    bytes.unshift(Number(left & 0xffn));
    left >>= 8n;
  } while (!((left === 0n && bytes[0]! < 0x80) || (left === -1n && bytes[0]! >= 0x80)));
  return Buffer.from(bytes);
}
