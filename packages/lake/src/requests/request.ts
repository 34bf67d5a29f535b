import * as z from 'zod';

/** Size of the largest request, which has some 400,000 ranges: bytes. */
export const MOST_REQUEST_BYTES = 8 * 1024 * 1024;

/** Ranges of keys, both ends included. One check for all of them: a schema for each of 400,000 takes seconds. */
const keyRanges = z.custom<[number, number][]>(isKeyRanges, 'expected ranges of whole numbers, [first, last]');

/** The operator confirms that many rows of a table are deleted. */
const acceptDeletes = z.object({ kind: z.literal('accept-deletes'), table: z.string() });

/** Rows to read again: the next batch has them as changed rows. Requested keys without a row become deletions. */
const read = z.object({
  kind: z.literal('read'),
  reason: z.enum(['repair', 'replay', 'backfill']),
  tables: z.array(z.object({ table: z.string(), keys: keyRanges })).min(1),
});

/** A request to the next ingest. Only requests and changes of the source bring rows to the warehouse. */
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
