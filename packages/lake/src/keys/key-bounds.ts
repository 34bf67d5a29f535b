import { parquetMetadataAsync } from 'hyparquet';
import type { Store } from '../stores/store.ts';

/** How much of an object's end the first request reads, enough for the footer of any part: bytes. */
const FOOTER_BYTES = 64 * 1024;

/** The lowest and the highest key of an object's rows. */
export interface KeyBounds {
  readonly first: number;
  readonly last: number;
}

/**
 * Returns the lowest and the highest key of a Parquet object from the statistics in its footer: one request, whatever
 * its size. 'none' if it has no rows; undefined if the footer has no statistics of the column.
 */
export async function findKeyBounds(
  store: Store,
  object: { readonly key: string; readonly sizeBytes: number },
  column: string,
): Promise<KeyBounds | 'none' | undefined> {
  const buffer = {
    byteLength: object.sizeBytes,
    slice: async (start: number, end = object.sizeBytes) => copyOf(await store.getRange(object.key, start, end)),
  };
  const { row_groups, num_rows } = await parquetMetadataAsync(buffer, { initialFetchSize: FOOTER_BYTES });
  if (num_rows === 0n) return 'none';
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { columns } of row_groups) {
    const chunk = columns.find(({ meta_data }) => meta_data?.path_in_schema.join('.') === column);
    const { min_value: least, max_value: greatest } = chunk?.meta_data?.statistics ?? {};
    if (!isKey(least) || !isKey(greatest)) return undefined;
    first = Math.min(first, Number(least));
    last = Math.max(last, Number(greatest));
  }
  return { first, last };
}

function isKey(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

// The library needs an ArrayBuffer; a view may show only a part of one.
function copyOf(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer as ArrayBuffer;
}
