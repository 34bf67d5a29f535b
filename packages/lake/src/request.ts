import { z } from 'zod';

/** What a request may weigh: some 400,000 ranges, understood in a few seconds. What asks for more is several requests. */
export const MOST_REQUEST_BYTES = 8 * 1024 * 1024;

const key = z.number().int();

/** Keys from the first to the last, both included. */
const keyRange = z.tuple([key, key]).refine(([first, last]) => first <= last, 'expected the first key, then the last');

/** A person says that the many deletions of a table are meant. */
const acceptDeletes = z.object({ kind: z.literal('accept-deletes'), table: z.string() });

/** Rows to read again, whether they changed or not: they travel in the next batch as changed ones, and those that are not there as deleted ones. */
const read = z.object({
  kind: z.literal('read'),
  reason: z.enum(['repair', 'replay', 'backfill']),
  tables: z.array(z.object({ table: z.string(), keys: z.array(keyRange).min(1) })).min(1),
});

/** What somebody asks of the next ingest: the one way into the warehouse besides the source's own changes. */
export const request = z.discriminatedUnion('kind', [acceptDeletes, read]);

/** @see request */
export type Request = z.infer<typeof request>;
/** @see read */
export type ReadRequest = z.infer<typeof read>;
