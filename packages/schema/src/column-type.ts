/** A column's type, in the vocabulary that Postgres, Arrow and Parquet share; each value of it is carried exactly or not at all. */
export type ColumnType =
  | { readonly kind: 'boolean' }
  | { readonly kind: 'integer' }
  | { readonly kind: 'bigint' }
  | { readonly kind: 'text' }
  | { readonly kind: 'varchar'; readonly length?: number }
  | { readonly kind: 'numeric'; readonly precision: number; readonly scale: number; readonly unconstrained?: true }
  | { readonly kind: 'date' }
  | { readonly kind: 'time' }
  | { readonly kind: 'timestamp'; readonly precision: number }
  | { readonly kind: 'enum'; readonly name: string; readonly labels: readonly string[] };

/** The kind of a column's type. */
export type ColumnKind = ColumnType['kind'];

/** `boolean`: true or false. */
export const boolean = () => ({ kind: 'boolean' }) as const;
/** `integer`: 32 bits, signed. */
export const integer = () => ({ kind: 'integer' }) as const;
/** `bigint`: 64 bits, signed. */
export const bigint = () => ({ kind: 'bigint' }) as const;
/** `text`: UTF-8 of any length. */
export const text = () => ({ kind: 'text' }) as const;
/** `varchar`, with or without a length in characters. */
export const varchar = (length?: number) =>
  length === undefined ? ({ kind: 'varchar' } as const) : ({ kind: 'varchar', length } as const);
/** `numeric(precision, scale)`: an exact decimal of at most 38 digits. */
export const numeric = (precision: number, scale: number) => ({ kind: 'numeric', precision, scale }) as const;
/** Plain `numeric` in the warehouse's DDL, whose values have at most the digits given here. */
export const plainNumeric = (precision: number, scale: number) =>
  ({ kind: 'numeric', precision, scale, unconstrained: true }) as const;
/** `date`: days, proleptic Gregorian. */
export const date = () => ({ kind: 'date' }) as const;
/** `time`: microseconds since midnight. */
export const time = () => ({ kind: 'time' }) as const;
/** `timestamp(precision)` without time zone: microseconds, naive. */
export const timestamp = (precision: number) => ({ kind: 'timestamp', precision }) as const;
/** A Postgres enum: its type's name and the labels that the model knows, in any order. */
export const enumeration = (name: string, labels: readonly string[]) => ({ kind: 'enum', name, labels }) as const;

/** The type as Postgres' DDL and `format_type` write it; an enum is a `varchar` where it leaves its own database. */
export function postgresType(type: ColumnType): string {
  switch (type.kind) {
    case 'varchar':
      return type.length === undefined ? 'character varying' : `character varying(${type.length})`;
    case 'numeric':
      return type.unconstrained ? 'numeric' : `numeric(${type.precision},${type.scale})`;
    case 'time':
      return 'time without time zone';
    case 'timestamp':
      return type.precision === 6 ? 'timestamp without time zone' : `timestamp(${type.precision}) without time zone`;
    case 'enum':
      return 'character varying';
    default:
      return type.kind;
  }
}
