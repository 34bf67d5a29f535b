/** A dead letter of an asynchronous invocation: the event that failed, and how. */
export interface DeadLetter {
  /** The event of the invocation. */
  readonly event: object;
  /** Why Lambda gave up: `RetriesExhausted` or `EventAgeExceeded`. */
  readonly condition: string;
}

/**
 * Parses what Lambda sends to its on-failure destination; the event is the `requestPayload`. Returns undefined for any
 * other message.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
export function parseDeadLetter(body: string | undefined): DeadLetter | undefined {
  const letter = parseObject(body);
  const event = letter?.requestPayload;
  if (typeof event !== 'object' || event === null) return undefined;
  const { condition } = (letter?.requestContext ?? {}) as { condition?: unknown };
  return { event, condition: typeof condition === 'string' ? condition : 'unknown' };
}

function parseObject(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
