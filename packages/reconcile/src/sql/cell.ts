import type { ColumnType } from '@totesys/schema';

/** How values are hashed on both sides, so that what is equal has equal hashes whatever the servers are. */
export interface Hashing {
  /** Postgres' own 64-bit hash functions, or MD5, which is slow and the same everywhere. */
  readonly by: 'postgres' | 'md5';
  /** Whether text is hashed by its UTF-8 bytes, since the databases' encodings differ. */
  readonly inUtf8: boolean;
}

/** What a value is compared as: types of one kind on both sides, whatever the columns' own. */
export type CellKind = Exclude<ColumnType['kind'], 'varchar' | 'enum'>;

/** The kind as which values of a type are compared. */
export function cellKind({ kind }: ColumnType): CellKind {
  return kind === 'varchar' || kind === 'enum' ? 'text' : kind;
}

/**
 * A value's 64-bit hash in SQL, the canonical form of a cell: seeded with the row's key and the column's number, so that no two
 * cells can be exchanged unseen; null is not the empty text; a decimal's trailing zeros do not count.
 */
export function hashCell(kind: CellKind, value: string, key: string, column: number, hashing: Hashing): string {
  const seed = `(${key} # ${seedOf(column)})`;
  return `coalesce(${hashing.by === 'md5' ? md5Hash(kind, value, seed, hashing) : ownHash(kind, value, seed, hashing)}, ~${seed})`;
}

/** A row's hash: that of all its cells. */
export function hashRow(cells: readonly string[]): string {
  return cells.join(' # ');
}

/** A value as exact text: decimals without trailing zeros, the rest as Postgres writes it. */
export function cellText(kind: CellKind, value: string): string {
  return kind === 'numeric' ? `trim_scale(${value})::text` : `(${value})::text`;
}

/** The bit of a seed that neither a key nor a column's number uses, for the second hash of a cell. */
const BESIDES = String(1n << 53n);

// Keys end below 2⁵³, so the column's number stands above them: a seed is one of no other cell, and never 0.
function seedOf(column: number): string {
  return String(BigInt(column + 1) << 54n);
}

// Postgres' functions are made for buckets: they leave out a decimal's sign and fold 64 bits into 32, so what they lose is hashed too.
function ownHash(kind: CellKind, value: string, seed: string, hashing: Hashing): string {
  const besides = `(${seed} # ${BESIDES})`;
  switch (kind) {
    case 'boolean':
    case 'integer':
      return `hashint4extended((${value})::integer, ${seed})`;
    case 'bigint':
      return `hashint8extended((${value})::bigint, ${seed}) # hashint4extended(((${value})::bigint >> 32)::integer, ${besides})`;
    case 'text':
      return `hashtextextended(${bytesAsText(value, hashing)}, ${seed})`;
    case 'numeric':
      return `case when ${value} = 'NaN' then hashtextextended('NaN', ${seed})
        else hash_numeric_extended(${value}, case when ${value} < 0 then ${besides} else ${seed} end) end`;
    case 'date':
      // An infinite date has no distance from another.
      return `case when isfinite(${value}) then hashint4extended(${value} - date '2000-01-01', ${seed})
        else hashtextextended((${value})::text collate "C", ${seed}) end`;
    case 'time':
      return `time_hash_extended(${value}, ${seed}) # hashint4extended(date_part('hour', ${value})::integer, ${besides})`;
    case 'timestamp':
      return `timestamp_hash_extended(${value}, ${seed}) # case when isfinite(${value}) then hashint8extended(
        ((${value})::date - date '2000-01-01')::bigint * 24 + date_part('hour', ${value})::integer, ${besides}) else 0 end`;
  }
}

function md5Hash(kind: CellKind, value: string, seed: string, hashing: Hashing): string {
  const text = kind === 'text' ? bytesAsText(value, hashing) : cellText(kind, value);
  return `('x' || left(md5(${seed}::text || ' ' || ${text}), 16))::bit(64)::bigint`;
}

// "C" compares bytes: a collation that takes different texts for equal would give them one hash.
function bytesAsText(value: string, { inUtf8 }: Hashing): string {
  const text = `(${value})::text collate "C"`;
  return inUtf8 ? `encode(convert_to(${text}, 'UTF8'), 'hex')` : text;
}
