import { HINT_AUDIT_LIMITS, HINT_AUDIT_MINUTES, HINT_AUDIT_RULE, HINT_MODES, type HintMode } from '@totesys/ingest';
import type { CommandOptions } from '../process/command-options.ts';
import { UsageError } from '../process/usage-error.ts';
import { parseDuration } from './parse-duration.ts';

const MODES = new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(HINT_MODES);

/** The options of each command that runs ingest. */
export const HINT_OPTIONS = [
  {
    flags: '--hints <mode>',
    text: `use change hints of the source: ${MODES} (or HINTS); by default off`,
  },
  {
    flags: '--hint-audit <interval>',
    text:
      'with --hints slot, scan this long after the last scan, such as 30m, for changes that hints have missed ' +
      `(or HINT_AUDIT_MINUTES); by default ${HINT_AUDIT_MINUTES}m`,
  },
];

/** Returns whether ingest uses change hints: as the option says, otherwise the environment. */
export function parseHints({ hints }: CommandOptions, environment: NodeJS.ProcessEnv): HintMode {
  const text = String(hints ?? (environment.HINTS || 'off'));
  const mode = HINT_MODES.find((known) => known === text);
  if (mode !== undefined) return mode;
  const name = hints === undefined ? 'HINTS' : '--hints';
  throw new UsageError(`${name} is '${text}': expected ${MODES}. Correct it.`);
}

/**
 * Returns the time from a scan until an audit is due, in milliseconds: as the option says, otherwise the environment.
 */
export function parseHintAudit({ hintAudit }: CommandOptions, environment: NodeJS.ProcessEnv): number {
  const { least, most } = HINT_AUDIT_LIMITS;
  if (hintAudit === undefined) {
    const minutes = HINT_AUDIT_RULE.safeParse(environment.HINT_AUDIT_MINUTES || undefined);
    if (minutes.success) return 60_000 * minutes.data;
    const fault = `HINT_AUDIT_MINUTES is '${environment.HINT_AUDIT_MINUTES}'`;
    throw new UsageError(`${fault}: expected whole minutes from ${least} to ${most}. Correct it.`);
  }
  const auditMs = parseDuration(String(hintAudit)) ?? Number.NaN;
  if (auditMs >= 60_000 * least && auditMs <= 60_000 * most) return auditMs;
  throw new UsageError(
    `--hint-audit is not valid: expected an interval from ${least}m to ${most / 60}h, such as 30m or 2h.`,
  );
}
