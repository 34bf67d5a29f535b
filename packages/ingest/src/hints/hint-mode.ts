import * as z from 'zod';

/**
 * Whether a run uses change hints: not at all, only to compare them with a scan, which decides, or to read the rows
 * that a trusted hint names and no others.
 */
export const HINT_MODES = ['off', 'shadow', 'slot'] as const;

/** @see HINT_MODES */
export type HintMode = (typeof HINT_MODES)[number];

/** The default time from a scan until an audit is due: minutes. */
export const HINT_AUDIT_MINUTES = 60;

/** The least and the most of that time: minutes. A longer time would keep more window pairs. */
export const HINT_AUDIT_LIMITS = { least: 1, most: 24 * 60 } as const;

/** The rule of the variable HINT_AUDIT_MINUTES, for Lambda and command: whole minutes; absent, the default. */
export const HINT_AUDIT_RULE = z.coerce
  .number()
  .int()
  .min(HINT_AUDIT_LIMITS.least)
  .max(HINT_AUDIT_LIMITS.most)
  .default(HINT_AUDIT_MINUTES);

/** How a run uses hints. */
export interface HintOptions {
  readonly mode: HintMode;
  /** The time from a scan until an audit is due, by the source's clock: milliseconds. */
  readonly auditMs: number;
}
