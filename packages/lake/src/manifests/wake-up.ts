import { ErrorCode, PipelineError } from '@totesys/runtime';
import * as z from 'zod';
import { findManifestBatch } from '../key-layout.ts';

const s3Event = z.object({
  Records: z
    .array(
      z.object({
        s3: z.object({ object: z.object({ key: z.string() }) }),
        responseElements: z.object({ 'x-amz-request-id': z.string().optional() }).optional(),
      }),
    )
    .min(1),
});
const scheduledEvent = z.object({ source: z.literal('aws.events'), id: z.string().optional() });
const emptyEvent = z.strictObject({});

/** What invokes a stage, and for which batch: that of an S3 notification, otherwise the newest. */
export interface WakeUp {
  readonly batch: number | 'newest';
  readonly by: 's3' | 'schedule' | 'person';
  /** The id of the event in other logs: of the request that wrote the manifest, or of the scheduled event. */
  readonly eventId?: string;
}

/**
 * Parses the event that invokes a stage which a manifest wakes. If a notification names several manifests, the highest
 * batch counts.
 */
export function parseWakeUp(event: unknown, stage: 'transform' | 'load'): WakeUp {
  const scheduled = scheduledEvent.safeParse(event);
  if (scheduled.success) return { batch: 'newest', by: 'schedule', ...withId(scheduled.data.id) };
  if (emptyEvent.safeParse(event).success) return { batch: 'newest', by: 'person' };
  const parsed = s3Event.safeParse(event);
  if (!parsed.success) throw unreadable(stage, 'an event of neither S3 nor a schedule');
  const wakeUps = parsed.data.Records.map(({ s3, responseElements }): WakeUp & { batch: number } => {
    const batch = findManifestBatch(decodeKey(s3.object.key));
    if (batch === undefined) throw unreadable(stage, 'an S3 event whose object is no manifest');
    return { batch, by: 's3', ...withId(responseElements?.['x-amz-request-id']) };
  });
  return wakeUps.reduce((highest, each) => (each.batch > highest.batch ? each : highest));
}

function withId(eventId: string | undefined): Pick<WakeUp, 'eventId'> {
  return eventId === undefined ? {} : { eventId };
}

// S3 encodes keys in its events like form data: percent-encoded, with a plus for a space.
function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return key;
  }
}

function unreadable(stage: string, got: string): PipelineError {
  return new PipelineError(
    ErrorCode.EVENT_UNREADABLE,
    `The stage ${stage} was invoked with ${got}: expected an S3 notification of '_manifests/<batch>.json', ` +
      'a scheduled event, or {}. Check which event sources invoke it.',
  );
}
