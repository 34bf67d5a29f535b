import { checkColumnNames } from './column-names.ts';
import type { ColumnType } from './column-type.ts';
import type { FreeOfPartitionKeys } from './partition-keys.ts';

/**
 * A column of a source table; `references` names the table to whose key it refers. `personal` marks values that may be
 * personal data, here and in each warehouse column that is derived from it.
 */
export interface SourceColumn {
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly references?: string;
  readonly personal?: true;
}

/** A table of the source: its name, the integer column that is its primary key, and its columns by name. */
export interface SourceTable<C extends Record<string, SourceColumn> = Record<string, SourceColumn>> {
  readonly name: string;
  readonly key: string;
  readonly columns: C;
}

/** Declares a column that is `not null`. */
export const required = <T extends ColumnType>(type: T) => ({ type, nullable: false }) as const;
/** Declares a column that may be null. */
export const optional = <T extends ColumnType>(type: T) => ({ type, nullable: true }) as const;
/** Declares a foreign key to the primary key of `table`. */
export const foreignKey = (table: { readonly name: string }) =>
  ({ type: { kind: 'integer' }, nullable: false, references: table.name }) as const;
/** Declares a foreign key that may be null. */
export const optionalForeignKey = (table: { readonly name: string }) =>
  ({ type: { kind: 'integer' }, nullable: true, references: table.name }) as const;
/** Declares a column whose values may be personal data: about one human, or how to reach them. */
export const personal = <const C extends SourceColumn>(column: C) => ({ ...column, personal: true }) as const;

/** Declares a source table. A column with the name of a partition key does not compile; at run time it throws. */
export function sourceTable<const C extends Record<string, SourceColumn>>(
  name: string,
  key: keyof C & string,
  columns: C & FreeOfPartitionKeys<C>,
): SourceTable<C> {
  checkColumnNames(name, Object.keys(columns));
  return { name, key, columns };
}
