import * as z from 'zod';

/** What a request may weigh: some 400,000 ranges. What asks for more is several requests. */
export const MOST_REQUEST_BYTES = 8 * 1024 * 1024;

/** Ranges of keys, from the first to the last, both included. Looked at in one go: a schema for each of 400,000 takes seconds. */
const keyRanges = z.custom<[number, number][]>(isKeyRanges, 'expected ranges of whole numbers, [first, last]');

/** A person says that the many deletions of a table are meant. */
const acceptDeletes = z.object({ kind: z.literal('accept-deletes'), table: z.string() });

/** Rows to read again, whether they changed or not: they travel in the next batch as changed ones, and those that are not there as deleted ones. */
const read = z.object({
  kind: z.literal('read'),
  reason: z.enum(['repair', 'replay', 'backfill']),
  tables: z.array(z.object({ table: z.string(), keys: keyRanges })).min(1),
});

/** What somebody asks of the next ingest: the one way into the warehouse besides the source's own changes. */
export const request = z.discriminatedUnion('kind', [acceptDeletes, read]);

/** @see request */
export type Request = z.infer<typeof request>;
/** @see read */
export type ReadRequest = z.infer<typeof read>;

function isKeyRanges(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.every((range) => {
    if (!Array.isArray(range) || range.length !== 2) return false;
    const [first, last] = range;
    return Number.isSafeInteger(first) && Number.isSafeInteger(last) && first <= last;
  });
}
