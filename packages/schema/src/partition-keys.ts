/**
 * The partition keys of the lake: parts are in folders `batch_date=…/batch=…/`. Query engines that read folders
 * show each key as a column, and hide a column of the same name in the parts without an error.
 */
export const PARTITION_KEYS = ['batch_date', 'batch'] as const;

type PartitionKey = (typeof PARTITION_KEYS)[number];

/** Columns without the name of a partition key, in upper or lower case: engines ignore the case of names. */
export type FreeOfPartitionKeys<C> = {
  readonly [N in keyof C]: Lowercase<N & string> extends PartitionKey ? never : C[N];
};

/** Returns the first of the names that is a partition key, in upper or lower case; undefined if none is. */
export function findPartitionKey(names: readonly string[]): string | undefined {
  return names.find((name) => (PARTITION_KEYS as readonly string[]).includes(name.toLowerCase()));
}
