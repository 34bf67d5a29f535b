import type { ColumnType } from './column-type.ts';

/** How one warehouse column comes from the source row it belongs to. */
export type Derivation =
  /** The source column as it is. */
  | { readonly kind: 'column'; readonly column: string }
  /** A column of the row of `table` whose key stands in `by`. */
  | { readonly kind: 'joined'; readonly by: string; readonly table: string; readonly column: string }
  /** The date of a timestamp. */
  | { readonly kind: 'dateOf'; readonly column: string }
  /** The time of day of a timestamp, with its microseconds. */
  | { readonly kind: 'timeOf'; readonly column: string }
  /** The date that a text of the form `YYYY-MM-DD` names; any other text breaks the contract. */
  | { readonly kind: 'parsedDate'; readonly column: string }
  /** The ISO 4217 name of a currency code. */
  | { readonly kind: 'currencyName'; readonly column: string };

/** A column of the warehouse; `placeholder` is what a dimension shows where nothing can be derived, `about` what its name leaves open. */
export interface WarehouseColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly derivation: Derivation;
  readonly references?: string;
  readonly placeholder?: string;
  readonly about?: string;
}

/** A dimension: one row a key, always the latest values. */
export interface Dimension {
  readonly kind: 'dimension';
  readonly name: string;
  readonly source: string;
  readonly key: string;
  readonly columns: readonly WarehouseColumn[];
}

/** A fact: one row a version, numbered by the serial `recordId`, which is not among `columns`; `alias` is a second name for it. */
export interface Fact {
  readonly kind: 'fact';
  readonly name: string;
  readonly source: string;
  readonly recordId: string;
  readonly key: string;
  readonly columns: readonly WarehouseColumn[];
  readonly alias?: string;
}

/** The part of a date that a calendar column shows. */
export type CalendarPart = 'date' | 'year' | 'month' | 'day' | 'isoDayOfWeek' | 'dayName' | 'monthName' | 'quarter';

/** The date dimension: every day of every year in which any date occurs. */
export interface Calendar {
  readonly kind: 'calendar';
  readonly name: string;
  readonly key: string;
  readonly columns: readonly { readonly name: string; readonly type: ColumnType; readonly part: CalendarPart }[];
}

/** A table of the star schema. */
export type WarehouseTable = Dimension | Fact | Calendar;
