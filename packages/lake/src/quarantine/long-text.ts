import { MOST_TEXT_BYTES } from '@totesys/schema';
import type { QuarantinedValue } from './quarantined-value.ts';

/** What is wrong with a text that the lakes do not carry. */
const LONG_TEXT = `text over ${MOST_TEXT_BYTES / 1024 / 1024} MiB`;

/**
 * Returns the reason for which a text is not carried. `hash` is its SHA-256, or why there is none. The text itself is
 * only in the source.
 */
export function longTextReason(bytes: number, hash: string): string {
  return `${LONG_TEXT}: ${bytes} bytes, ${hash}`;
}

/** Whether a quarantined value is a text that is only in the source, because it is too long. */
export function isLongText({ reason }: Pick<QuarantinedValue, 'reason'>): boolean {
  return reason.startsWith(`${LONG_TEXT}: `);
}

/** Returns the reason of a value without the length and the SHA-256 of a text, which differ from row to row. */
export function generalReason(value: Pick<QuarantinedValue, 'reason'>): string {
  return isLongText(value) ? LONG_TEXT : value.reason;
}
