import { type ColumnType, timestamp } from './column-type.ts';
import type { WarehouseColumn } from './warehouse-table.ts';

/** A column of a part. */
interface LakeColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/**
 * Returns the column of the processed lake for a column of the warehouse. They are the same, except for a time of day:
 * several query engines have no such type, so the lake has the whole timestamp, and load takes the time from it.
 */
export function lakeColumn<C extends LakeColumn>(column: C): C {
  const { derivation } = column as Partial<WarehouseColumn>;
  if (derivation?.kind !== 'timeOf') return column;
  const type = timestamp(6);
  return {
    ...column,
    name: lakeTimeName(column.name),
    type,
    derivation: { kind: 'column', column: derivation.column },
  };
}

/** Returns the columns that a warehouse table has in the processed lake, in the same order. */
export function lakeColumns<C extends LakeColumn>(table: { readonly columns: readonly C[] }): C[] {
  return table.columns.map(lakeColumn);
}

// `created_time` is the time of `created_at`.
function lakeTimeName(name: string): string {
  return `${name.replace(/_time$/, '')}_at`;
}
