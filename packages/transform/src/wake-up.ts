import { findManifestBatch } from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import { z } from 'zod';

const s3Event = z.object({
  Records: z.array(z.object({ s3: z.object({ object: z.object({ key: z.string() }) }) })).min(1),
});
const scheduledEvent = z.object({ source: z.literal('aws.events') });
const emptyEvent = z.strictObject({});

/** The batch that an event wakes transform for: the highest manifest of an S3 notification, or the newest for a schedule or a person. */
export function parseWakeUp(event: unknown): number | 'newest' {
  if (scheduledEvent.safeParse(event).success || emptyEvent.safeParse(event).success) return 'newest';
  const parsed = s3Event.safeParse(event);
  if (!parsed.success) throw unreadable('an event of neither S3 nor a schedule');
  const batches = parsed.data.Records.map(({ s3 }) => {
    const batch = findManifestBatch(decodeKey(s3.object.key));
    if (batch === undefined) throw unreadable('an S3 event whose object is no manifest');
    return batch;
  });
  return Math.max(...batches);
}

// S3 writes a key into its events as a form would: encoded, a space as a plus.
function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return key;
  }
}

function unreadable(got: string): PipelineError {
  return new PipelineError(
    ErrorCode.EVENT_UNREADABLE,
    `Transform was woken by ${got}: expected an S3 notification of '_manifests/<batch>.json', a scheduled event, or {}. See what is wired to it.`,
  );
}
