import type { ColumnType } from './column-type.ts';

/** How a warehouse column is derived from a source row. */
export type Derivation =
  /** The source column, unchanged. */
  | { readonly kind: 'column'; readonly column: string }
  /** A column of the row of `table` to which the foreign key `by` refers. */
  | { readonly kind: 'joined'; readonly by: string; readonly table: string; readonly column: string }
  /** The date of a timestamp. */
  | { readonly kind: 'dateOf'; readonly column: string }
  /** The time of day of a timestamp, with its microseconds. */
  | { readonly kind: 'timeOf'; readonly column: string }
  /** The date in a text of the form `YYYY-MM-DD`; a row with any other text goes to quarantine. */
  | { readonly kind: 'parsedDate'; readonly column: string }
  /** The ISO 4217 name of a currency code, or the code itself if it has no name. */
  | { readonly kind: 'currencyName'; readonly column: string };

/** A column of a dimension or a fact. */
export interface WarehouseColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly derivation: Derivation;
  /** The dimension that the column refers to. */
  readonly references?: string;
  /** The value of a dimension's column if the source has none. */
  readonly placeholder?: string;
  /** Set if its values may be personal data: the schema `masked` shows none of them. */
  readonly personal?: true;
  /** A sentence for analysts about what the column's name does not say. */
  readonly about?: string;
}

/** A dimension: one row for each key, with the latest values. */
export interface Dimension {
  readonly kind: 'dimension';
  readonly name: string;
  readonly source: string;
  readonly key: string;
  readonly columns: readonly WarehouseColumn[];
}

/** A fact: one row for each version of a source row. */
export interface Fact {
  readonly kind: 'fact';
  readonly name: string;
  readonly source: string;
  /** The serial primary key, which numbers the versions; it is not among `columns`. */
  readonly recordId: string;
  /** The id in the source, which all versions of a row share. */
  readonly key: string;
  readonly columns: readonly WarehouseColumn[];
  /** A second name for the table, as a view. */
  readonly alias?: string;
}

/** The part of a date that a calendar column shows. */
export type CalendarPart = 'date' | 'year' | 'month' | 'day' | 'isoDayOfWeek' | 'dayName' | 'monthName' | 'quarter';

/** The date dimension: every day of each year in which any date of a fact lies. */
export interface Calendar {
  readonly kind: 'calendar';
  readonly name: string;
  readonly key: string;
  readonly columns: readonly { readonly name: string; readonly type: ColumnType; readonly part: CalendarPart }[];
}

/** A table that has the latest values of its rows; a history in the schema `etl` has the states before them. */
export type LatestTable = Dimension | Calendar;

/** A table of the star schema. */
export type WarehouseTable = Dimension | Fact | Calendar;
