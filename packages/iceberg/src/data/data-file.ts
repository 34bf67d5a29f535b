import { parquetMetadata } from 'hyparquet';
import type { TableColumn } from '../schema/iceberg-schema.ts';
import { type BoundValue, lowerBound, upperBound } from './column-bounds.ts';

/** A value for each of some columns, as manifests write a map by column id. */
export type ByColumn<T> = readonly { readonly key: number; readonly value: T }[];

/** A data file as a manifest names it. */
export interface DataFile {
  readonly content: number;
  readonly file_path: string;
  readonly file_format: string;
  readonly partition: object;
  readonly record_count: bigint;
  readonly file_size_in_bytes: bigint;
  readonly column_sizes: ByColumn<bigint> | null;
  readonly value_counts: ByColumn<bigint> | null;
  readonly null_value_counts: ByColumn<bigint> | null;
  readonly lower_bounds: ByColumn<Buffer> | null;
  readonly upper_bounds: ByColumn<Buffer> | null;
  readonly split_offsets: readonly bigint[] | null;
  readonly sort_order_id: number | null;
}

/** Statistics of a column over all row groups. */
interface ColumnTotals {
  bytes: bigint;
  values: bigint;
  nulls: bigint | undefined;
  least: BoundValue;
  greatest: BoundValue;
}

/** Dates and timestamps of a footer stay integers: a JavaScript date has milliseconds only. */
const PARSERS = {
  dateFromDays: (days: number) => days,
  timestampFromMicroseconds: (time: bigint) => time,
};

/** Describes the Parquet file `body` at `path` with the counts, sizes and bounds that its footer has. */
export function describeDataFile(path: string, body: Uint8Array, columns: readonly TableColumn[]): DataFile {
  const { row_groups, num_rows } = parquetMetadata(body, { parsers: PARSERS as never, geoparquet: false });
  const groups = row_groups.map((group) => group.columns.flatMap(({ meta_data }) => (meta_data ? [meta_data] : [])));
  const offsets = groups.map(([first]) => first!.dictionary_page_offset ?? first!.data_page_offset);
  const totals = columns.map((column) => ({ column, total: sumColumn(column.name, groups) }));
  const each = <T>(value: (column: TableColumn, total: ColumnTotals) => T | undefined): ByColumn<T> =>
    totals.flatMap(({ column, total }) => {
      const found = value(column, total);
      return found === undefined ? [] : [{ key: column.id, value: found }];
    });
  return {
    content: 0,
    file_path: path,
    file_format: 'PARQUET',
    partition: {},
    record_count: num_rows,
    file_size_in_bytes: BigInt(body.length),
    column_sizes: each((_, { bytes }) => bytes),
    value_counts: each((_, { values }) => values),
    null_value_counts: each((_, { nulls }) => nulls),
    lower_bounds: each(({ type }, { least }) => lowerBound(type, least)),
    upper_bounds: each(({ type }, { greatest }) => upperBound(type, greatest)),
    split_offsets: offsets,
    sort_order_id: 0,
  };
}

type Chunk = NonNullable<ReturnType<typeof parquetMetadata>['row_groups'][number]['columns'][number]['meta_data']>;

function sumColumn(name: string, groups: readonly (readonly Chunk[])[]): ColumnTotals {
  const total: ColumnTotals = { bytes: 0n, values: 0n, nulls: 0n, least: undefined, greatest: undefined };
  let isBounded = true;
  for (const chunk of groups.map((group) => group.find(({ path_in_schema }) => path_in_schema[0] === name)!)) {
    const { min_value: least, max_value: greatest, null_count: nulls } = chunk.statistics ?? {};
    total.bytes += chunk.total_compressed_size;
    total.values += chunk.num_values;
    total.nulls = nulls === undefined || total.nulls === undefined ? undefined : total.nulls + BigInt(nulls);
    // A chunk of nulls has no bounds, and bounds nothing.
    if (nulls !== undefined && BigInt(nulls) === chunk.num_values) continue;
    isBounded &&= least !== undefined && greatest !== undefined;
    if (total.least === undefined || isBefore(least, total.least)) total.least = least;
    if (total.greatest === undefined || isBefore(total.greatest, greatest)) total.greatest = greatest;
  }
  return isBounded ? total : { ...total, least: undefined, greatest: undefined };
}

// Texts are ordered by their bytes, as Parquet orders them.
function isBefore(one: BoundValue, other: BoundValue): boolean {
  if (typeof one === 'string' && typeof other === 'string')
    return Buffer.compare(Buffer.from(one), Buffer.from(other)) < 0;
  return one! < other!;
}
