/** Whether a run uses change hints: not at all, or only to compare them with a scan, which decides. */
export const HINT_MODES = ['off', 'shadow'] as const;

/** @see HINT_MODES */
export type HintMode = (typeof HINT_MODES)[number];
