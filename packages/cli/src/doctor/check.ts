import { describeError, PipelineError, withinLimit } from '@totesys/runtime';

/** What a check looks at, in the order of the report. */
export type Area = 'configuration' | 'source' | 'warehouse' | 'ingestion' | 'processed' | 'lakes' | 'aws';

/** The result of one check: the thing, its state, what was found, and for a warning or a fault the remedy. */
export interface Check {
  readonly area: Area;
  readonly subject: string;
  readonly state: 'ok' | 'warning' | 'fault';
  readonly found: string;
  readonly remedy?: string;
}

/** The longest time that the checks of one thing may take by the clock of this process: milliseconds. */
const LIMIT_MS = 25_000;

/** Returns a check without a fault. */
export function passed(area: Area, subject: string, found: string): Check {
  return { area, subject, state: 'ok', found };
}

/** Returns a check with a fault, for which a run fails. */
export function failed(area: Area, subject: string, found: string, remedy: string): Check {
  return { area, subject, state: 'fault', found, remedy };
}

/** Returns a check that found something which stops no run yet. */
export function warned(area: Area, subject: string, found: string, remedy: string): Check {
  return { area, subject, state: 'warning', found, remedy };
}

/** Returns the check of an error; its message has the fault first, then the remedy. */
export function failedBy(area: Area, subject: string, error: unknown): Check {
  const { message } = describeError(error);
  if (!(error instanceof PipelineError)) return failed(area, subject, message, 'Run the command again with --verbose.');
  const [found, remedy] = splitMessage(message);
  return failed(area, subject, found, remedy);
}

/** Runs the checks of one thing; what they throw, or a time beyond the limit, is a fault of the thing. */
export async function examine(
  { area, subject, limitMs = LIMIT_MS }: { readonly area: Area; readonly subject: string; readonly limitMs?: number },
  work: () => Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  const late = `no answer within ${limitMs / 1000} s`;
  try {
    return await withinLimit(limitMs, late, work());
  } catch (error) {
    if (!(error instanceof Error) || error.message !== late) return [failedBy(area, subject, error)];
    return [failed(area, subject, late, 'Check the server and the network; then run the command again.')];
  }
}

// A sentence ends at a full stop before a space and a capital letter.
function splitMessage(message: string): [found: string, remedy: string] {
  const end = message.search(/\. (?=[A-Z'])/);
  if (end < 0) return [message.replace(/\.$/, ''), 'Its entry in docs/runbook.md says what to do.'];
  return [message.slice(0, end), message.slice(end + 2)];
}
