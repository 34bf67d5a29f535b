import type { ColumnType } from '@totesys/schema';

/** How both sides hash values, so that equal values have equal hashes on any two servers. */
export interface Hashing {
  /** Postgres' own 64-bit hash functions, or MD5, which is slow and the same on every server. */
  readonly by: 'postgres' | 'md5';
  /** Whether text is hashed by its UTF-8 bytes, because the encodings of the databases differ. */
  readonly inUtf8: boolean;
}

/** The type in which both sides compare a value, whatever the types of the columns. */
export type CellKind = Exclude<ColumnType['kind'], 'varchar' | 'enum'>;

/** One value of a row, in SQL. */
export interface Cell {
  readonly kind: CellKind;
  /** The value, as an SQL expression. */
  readonly value: string;
  /** The key of the row, as an SQL expression of type bigint. */
  readonly key: string;
  /** The number of the column in its table, from 0. */
  readonly column: number;
}

/** Returns the kind in which values of a type are compared. */
export function cellKind({ kind }: ColumnType): CellKind {
  return kind === 'varchar' || kind === 'enum' ? 'text' : kind;
}

/**
 * Returns an SQL expression for the 64-bit hash of a cell. The row's key and the column's number seed the hash, so that
 * exchanged cells differ. Null differs from the empty text; trailing zeros of a decimal do not count.
 */
export function hashCell({ kind, value, key, column }: Cell, hashing: Hashing): string {
  const seed = `(${key} # ${seedOf(column)})`;
  const hash = hashing.by === 'md5' ? md5Hash(kind, value, seed, hashing) : ownHash(kind, value, seed, hashing);
  return `coalesce(${hash}, ~${seed})`;
}

/** Returns an SQL expression for the hash of a row: the exclusive or of its cells' hashes. */
export function hashRow(cells: readonly string[]): string {
  return cells.join(' # ');
}

/**
 * Returns an SQL expression for a value as exact text: decimals without trailing zeros, the rest as Postgres writes it.
 */
export function cellText(kind: CellKind, value: string): string {
  return kind === 'numeric' ? `trim_scale(${value})::text` : `(${value})::text`;
}

/** A bit that neither keys nor column numbers use: it seeds the second hash of a cell. */
const SECOND_SEED = String(1n << 53n);

// Keys are below 2⁵³ and the column's number is above them: each cell has a seed of its own, which is never 0.
function seedOf(column: number): string {
  return String(BigInt(column + 1) << 54n);
}

// Postgres' functions are made for hash buckets: they drop a decimal's sign and fold 64 bits into 32. A second hash
// adds what they lose.
function ownHash(kind: CellKind, value: string, seed: string, hashing: Hashing): string {
  const second = `(${seed} # ${SECOND_SEED})`;
  switch (kind) {
    case 'boolean':
    case 'integer':
      return `hashint4extended((${value})::integer, ${seed})`;
    case 'bigint':
      return `hashint8extended((${value})::bigint, ${seed})
        # hashint4extended(((${value})::bigint >> 32)::integer, ${second})`;
    case 'text':
      return `hashtextextended(${bytesAsText(value, hashing)}, ${seed})`;
    case 'numeric':
      return `case when ${value} = 'NaN' then hashtextextended('NaN', ${seed})
        else hash_numeric_extended(${value}, case when ${value} < 0 then ${second} else ${seed} end) end`;
    case 'date':
      // An infinite date has no distance from another date.
      return `case when isfinite(${value}) then hashint4extended(${value} - date '2000-01-01', ${seed})
        else hashtextextended((${value})::text collate "C", ${seed}) end`;
    case 'time':
      return `time_hash_extended(${value}, ${seed})
        # hashint4extended(date_part('hour', ${value})::integer, ${second})`;
    case 'timestamp':
      return `timestamp_hash_extended(${value}, ${seed})
        # case when isfinite(${value}) then hashint8extended(
          ((${value})::date - date '2000-01-01')::bigint * 24 + date_part('hour', ${value})::integer, ${second})
        else 0 end`;
  }
}

function md5Hash(kind: CellKind, value: string, seed: string, hashing: Hashing): string {
  const text = kind === 'text' ? bytesAsText(value, hashing) : cellText(kind, value);
  return `('x' || left(md5(${seed}::text || ' ' || ${text}), 16))::bit(64)::bigint`;
}

// Collation "C" compares bytes. Another collation may treat different texts as equal and give them one hash.
function bytesAsText(value: string, { inUtf8 }: Hashing): string {
  const text = `(${value})::text collate "C"`;
  return inUtf8 ? `encode(convert_to(${text}, 'UTF8'), 'hex')` : text;
}
