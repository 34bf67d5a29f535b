/**
 * The keys of the folders that parts lie in, `batch_date=…/batch=…/`. Engines that read whole folders make a column of each, which hides a column
 * of the same name in the parts without an error.
 */
export const PARTITION_KEYS = ['batch_date', 'batch'] as const;

type PartitionKey = (typeof PARTITION_KEYS)[number];

/** Columns none of which has the name of a partition key, in whatever case: engines compare names without it. */
export type FreeOfPartitionKeys<C> = {
  readonly [N in keyof C]: Lowercase<N & string> extends PartitionKey ? never : C[N];
};

/** Returns the first of these column names that is a partition key, in whatever case; undefined where none is. */
export function findPartitionKey(names: readonly string[]): string | undefined {
  return names.find((name) => (PARTITION_KEYS as readonly string[]).includes(name.toLowerCase()));
}
