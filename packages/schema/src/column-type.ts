/** The type of a column, in terms that Postgres, Arrow and Parquet share. A value is carried exactly or not at all. */
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

/** The name of a type without its parameters. */
export type ColumnKind = ColumnType['kind'];

/**
 * The longest text that the lakes carry: bytes. A part is encoded in memory and has whole values, so the longest value
 * bounds the memory of every stage.
 */
export const MOST_TEXT_BYTES = 16 * 1024 * 1024;

/** `boolean`. */
export const boolean = () => ({ kind: 'boolean' }) as const;
/** `integer`: 32 bits, signed. */
export const integer = () => ({ kind: 'integer' }) as const;
/** `bigint`: 64 bits, signed. */
export const bigint = () => ({ kind: 'bigint' }) as const;
/** `text`: UTF-8, of at most MOST_TEXT_BYTES. */
export const text = () => ({ kind: 'text' }) as const;
/** `varchar`, or `varchar(length)` with a length in characters. */
export const varchar = (length?: number) =>
  length === undefined ? ({ kind: 'varchar' } as const) : ({ kind: 'varchar', length } as const);
/** `numeric(precision, scale)`: an exact decimal of at most 38 digits. */
export const numeric = (precision: number, scale: number) => ({ kind: 'numeric', precision, scale }) as const;
/** `numeric` without parameters in the warehouse; its values fit `numeric(precision, scale)`. */
export const plainNumeric = (precision: number, scale: number) =>
  ({ kind: 'numeric', precision, scale, unconstrained: true }) as const;
/** `date`: a day of the proleptic Gregorian calendar. */
export const date = () => ({ kind: 'date' }) as const;
/** `time`: a time of day, in microseconds. */
export const time = () => ({ kind: 'time' }) as const;
/** `timestamp(precision)` without time zone, at most in microseconds. */
export const timestamp = (precision: number) => ({ kind: 'timestamp', precision }) as const;
/** A Postgres enum: the name of its type, and the labels that the model knows, in any order. */
export const enumeration = (name: string, labels: readonly string[]) => ({ kind: 'enum', name, labels }) as const;

/** Whether values of a type may be longer than MOST_TEXT_BYTES. */
export function isText({ kind }: ColumnType): boolean {
  return kind === 'text' || kind === 'varchar';
}

/** Returns the type as DDL and `format_type` write it. Outside of its database an enum is a `varchar`. */
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
