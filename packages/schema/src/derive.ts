import { checkColumnNames, columnNames } from './column-names.ts';
import { type ColumnKind, type ColumnType, date, integer, text, time, varchar } from './column-type.ts';
import type { FreeOfPartitionKeys } from './partition-keys.ts';
import type { SourceColumn, SourceTable } from './source-table.ts';
import type {
  Calendar,
  CalendarPart,
  Derivation,
  Dimension,
  Fact,
  WarehouseColumn,
  WarehouseTable,
} from './warehouse-table.ts';

type Columns = Record<string, SourceColumn>;
/** The names of those columns whose type is of kind `K`. */
type OfKind<C extends Columns, K extends ColumnKind> = {
  [N in keyof C]: C[N]['type']['kind'] extends K ? N : never;
}[keyof C] &
  string;
type Unnamed = Omit<WarehouseColumn, 'name'>;
type Declared = Readonly<Record<string, Unnamed>>;
interface Options {
  /** The dimension that the column refers to. */
  readonly references?: { readonly name: string };
  /** The value of a dimension's column if the source has none; the column is then never null. */
  readonly placeholder?: string;
  /** The type in the warehouse, if it differs from the source's. */
  readonly as?: ColumnType;
  /** A sentence for analysts about what the column's name does not say. */
  readonly about?: string;
}
type Words = Pick<Options, 'about'>;

/**
 * Returns the derivations that a warehouse table can make from rows of `source`. A column that the source table lacks,
 * or one of the wrong kind, does not compile.
 */
export function derive<C extends Columns>(source: SourceTable<C>) {
  const build = (
    { type, nullable, personal }: SourceColumn,
    derivation: Derivation,
    options: Options = {},
  ): Unnamed => ({
    type: options.as ?? warehouseType(type),
    nullable: nullable && options.placeholder === undefined,
    derivation,
    ...(options.references && { references: options.references.name }),
    ...(options.placeholder !== undefined && { placeholder: options.placeholder }),
    ...(options.about !== undefined && { about: options.about }),
    ...(personal && { personal }),
  });
  const at = (column: string) => source.columns[column] as SourceColumn;
  return {
    /** A source column, unchanged. */
    column: (column: keyof C & string, options?: Options) => build(at(column), { kind: 'column', column }, options),
    /** A column of the row of `table` to which the foreign key `by` refers. */
    joined: <J extends Columns>(
      by: OfKind<C, 'integer'>,
      table: SourceTable<J>,
      column: keyof J & string,
      options?: Options,
    ) => {
      const target = table.columns[column] as SourceColumn;
      return build(target, { kind: 'joined', by, table: table.name, column }, options);
    },
    /** The date of a timestamp column. */
    dateOf: (column: OfKind<C, 'timestamp'>, calendar: { readonly name: string }, words?: Words) =>
      build({ ...at(column), type: date() }, { kind: 'dateOf', column }, { references: calendar, ...words }),
    /** The time of day of a timestamp column, with its microseconds. */
    timeOf: (column: OfKind<C, 'timestamp'>, words?: Words) =>
      build({ ...at(column), type: time() }, { kind: 'timeOf', column }, words),
    /** The date in a text column of the form `YYYY-MM-DD`; a row with any other text goes to quarantine. */
    parsedDate: (column: OfKind<C, 'text' | 'varchar'>, calendar: { readonly name: string }, words?: Words) =>
      build({ ...at(column), type: date() }, { kind: 'parsedDate', column }, { references: calendar, ...words }),
    /** The ISO 4217 name of a currency code in a text column; the code itself if it has no name. */
    currencyName: (column: OfKind<C, 'text' | 'varchar'>, words?: Words) =>
      build({ ...at(column), type: text() }, { kind: 'currencyName', column }, words),
  };
}

type Deriver<C extends Columns> = ReturnType<typeof derive<C>>;

function named(columns: Declared): WarehouseColumn[] {
  return Object.entries(columns).map(([name, column]) => ({ name, ...column }));
}

/**
 * Declares a dimension. Its first column is its primary key. A column with the name of a partition key does not
 * compile; at run time it throws.
 */
export function dimension<C extends Columns, W extends Declared>(
  name: string,
  source: SourceTable<C>,
  columns: (from: Deriver<C>) => W & FreeOfPartitionKeys<W>,
): Dimension {
  const declared = named(columns(derive(source)));
  return checked({ kind: 'dimension', name, source: source.name, key: declared[0]!.name, columns: declared });
}

/**
 * Declares a fact. `recordId` is the serial primary key that numbers its versions; its first column is the id that all
 * versions of a row share. `alias` is a second name for the table.
 */
export function fact<C extends Columns, W extends Declared>(
  name: string,
  source: SourceTable<C>,
  names: { readonly recordId: string; readonly alias?: string },
  columns: (from: Deriver<C>) => W & FreeOfPartitionKeys<W>,
): Fact {
  const declared = named(columns(derive(source)));
  return checked({ kind: 'fact', name, source: source.name, key: declared[0]!.name, columns: declared, ...names });
}

/** Declares the calendar: the part of the date that each column shows. Its first column is its primary key. */
export function calendar<const P extends Readonly<Record<string, CalendarPart>>>(
  name: string,
  columns: P & FreeOfPartitionKeys<P>,
): Calendar {
  const declared = Object.entries<CalendarPart>(columns).map(([name, part]) => ({
    name,
    type: calendarType(part),
    part,
  }));
  return checked({ kind: 'calendar', name, key: declared[0]!.name, columns: declared });
}

function checked<T extends WarehouseTable>(table: T): T {
  checkColumnNames(table.name, columnNames(table));
  return table;
}

function calendarType(part: CalendarPart): ColumnType {
  if (part === 'date') return date();
  return part === 'dayName' || part === 'monthName' ? varchar() : integer();
}

// In the warehouse, texts and labels of enums are varchar without a length.
function warehouseType(type: ColumnType): ColumnType {
  return type.kind === 'text' || type.kind === 'enum' || type.kind === 'varchar' ? { kind: 'varchar' } : type;
}
