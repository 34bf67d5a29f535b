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
type OfKind<C extends Columns, K extends ColumnKind> = {
  [N in keyof C]: C[N]['type']['kind'] extends K ? N : never;
}[keyof C] &
  string;
type Unnamed = Omit<WarehouseColumn, 'name'>;
type Declared = Readonly<Record<string, Unnamed>>;
interface Options {
  readonly references?: { readonly name: string };
  readonly placeholder?: string;
  readonly as?: ColumnType;
  /** What the column's name leaves open, in a sentence for those who query it. */
  readonly about?: string;
}
type Words = Pick<Options, 'about'>;

/** The derivations that rows of `source` allow; naming a column that the table lacks, or of the wrong kind, does not compile. */
export function derive<C extends Columns>(source: SourceTable<C>) {
  const build = (type: ColumnType, nullable: boolean, derivation: Derivation, options: Options = {}): Unnamed => ({
    type: options.as ?? warehouseType(type),
    nullable: nullable && options.placeholder === undefined,
    derivation,
    ...(options.references && { references: options.references.name }),
    ...(options.placeholder !== undefined && { placeholder: options.placeholder }),
    ...(options.about !== undefined && { about: options.about }),
  });
  const at = (column: string) => source.columns[column] as SourceColumn;
  return {
    /** The source column as it is. */
    column: (column: keyof C & string, options?: Options) =>
      build(at(column).type, at(column).nullable, { kind: 'column', column }, options),
    /** A column of the row that the foreign key `by` refers to. */
    joined: <J extends Columns>(
      by: OfKind<C, 'integer'>,
      table: SourceTable<J>,
      column: keyof J & string,
      options?: Options,
    ) => {
      const target = table.columns[column] as SourceColumn;
      return build(target.type, target.nullable, { kind: 'joined', by, table: table.name, column }, options);
    },
    /** The date of a timestamp column. */
    dateOf: (column: OfKind<C, 'timestamp'>, calendar: { readonly name: string }, words?: Words) =>
      build(date(), at(column).nullable, { kind: 'dateOf', column }, { references: calendar, ...words }),
    /** The time of day of a timestamp column. */
    timeOf: (column: OfKind<C, 'timestamp'>, words?: Words) =>
      build(time(), at(column).nullable, { kind: 'timeOf', column }, words),
    /** The date that a text column spells as `YYYY-MM-DD`. */
    parsedDate: (column: OfKind<C, 'text' | 'varchar'>, calendar: { readonly name: string }, words?: Words) =>
      build(date(), at(column).nullable, { kind: 'parsedDate', column }, { references: calendar, ...words }),
    /** The ISO 4217 name of the currency whose code stands in a text column; the code itself where there is none. */
    currencyName: (column: OfKind<C, 'text' | 'varchar'>, words?: Words) =>
      build(text(), at(column).nullable, { kind: 'currencyName', column }, words),
  };
}

type Deriver<C extends Columns> = ReturnType<typeof derive<C>>;

// Gives derivations the names under which the warehouse shows them.
function named(columns: Declared): WarehouseColumn[] {
  return Object.entries(columns).map(([name, column]) => ({ name, ...column }));
}

/** Declares a dimension: its first column is its primary key. A column that has the name of a partition key does not compile, and throws. */
export function dimension<C extends Columns, W extends Declared>(
  name: string,
  source: SourceTable<C>,
  columns: (from: Deriver<C>) => W & FreeOfPartitionKeys<W>,
): Dimension {
  const declared = named(columns(derive(source)));
  return checked({ kind: 'dimension', name, source: source.name, key: declared[0]!.name, columns: declared });
}

/** Declares a fact: `recordId` numbers its versions, and its first column is the id that they share. */
export function fact<C extends Columns, W extends Declared>(
  name: string,
  recordId: string,
  source: SourceTable<C>,
  columns: (from: Deriver<C>) => W & FreeOfPartitionKeys<W>,
  alias?: string,
): Fact {
  const declared = named(columns(derive(source)));
  const fact = {
    kind: 'fact',
    name,
    source: source.name,
    recordId,
    key: declared[0]!.name,
    columns: declared,
  } as const;
  return checked(alias === undefined ? fact : { ...fact, alias });
}

/** Declares the calendar: its first column is its primary key. */
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

// Text of any length is a plain varchar in the warehouse, and so is an enum's label.
function warehouseType(type: ColumnType): ColumnType {
  return type.kind === 'text' || type.kind === 'enum' || type.kind === 'varchar' ? { kind: 'varchar' } : type;
}
