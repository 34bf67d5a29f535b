import { type ColumnType, timestamp } from './column-type.ts';
import type { WarehouseColumn } from './warehouse-table.ts';

/** A column of a part: its name and its type. */
interface LakeColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/**
 * Returns the column of the processed lake that carries a column of the warehouse. It is the same one, except that a time of day travels as the
 * timestamp that it is the time of: several engines have no type for a time of day. Load takes the time from it.
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

/** Returns the columns of a warehouse table's parts in the processed lake, in the order of the table's own. */
export function lakeColumns<C extends LakeColumn>(table: { readonly columns: readonly C[] }): C[] {
  return table.columns.map(lakeColumn);
}

/** Returns the name of the timestamp that carries a time: `created_time` is the time of `created_at`. */
function lakeTimeName(name: string): string {
  return `${name.replace(/_time$/, '')}_at`;
}
