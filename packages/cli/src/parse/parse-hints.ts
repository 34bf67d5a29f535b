import { HINT_MODES, type HintMode } from '@totesys/ingest';
import type { CommandOptions } from '../process/command-options.ts';
import { UsageError } from '../process/usage-error.ts';

/** The option of each command that runs ingest. */
export const HINTS_OPTION = {
  flags: '--hints <mode>',
  text: `use change hints of the source: ${HINT_MODES.join(' or ')} (or HINTS); by default off`,
};

/** Returns whether ingest uses change hints: as the option says, otherwise the environment. */
export function parseHints({ hints }: CommandOptions, environment: NodeJS.ProcessEnv): HintMode {
  const text = String(hints ?? (environment.HINTS || 'off'));
  const mode = HINT_MODES.find((known) => known === text);
  if (mode !== undefined) return mode;
  const name = hints === undefined ? 'HINTS' : '--hints';
  throw new UsageError(`${name} is '${text}': expected ${HINT_MODES.join(' or ')}. Correct it.`);
}
