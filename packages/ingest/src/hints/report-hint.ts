import type { StageTelemetry } from '@totesys/runtime';
import { type Candidates, candidatesOf, HintRefusal } from '@totesys/source';
import type { IngestRun } from '../open/ingest-run.ts';
import type { TableChanges } from '../read/table-changes.ts';
import type { TakenHint } from './taken-hint.ts';

/** Keys of a table that a warning names. */
const MOST_NAMED_KEYS = 20;

/** What a scan found in a table. */
type Found = Pick<TableChanges, 'carried' | 'deleted'>;

/** Reports whether the run's hint is trusted, and compares a trusted one with what the scan found. */
export function reportHint(
  { telemetry, hint }: Pick<IngestRun, 'telemetry' | 'hint'>,
  changes: ReadonlyMap<string, Found>,
): void {
  if (!hint) return;
  const { trusted } = hint;
  const isTrusted = !(trusted instanceof HintRefusal);
  telemetry.metric('HintsUsed', isTrusted ? 1 : 0);
  telemetry.metric('HintsFellBack', isTrusted ? 0 : 1);
  if (isTrusted) {
    reportMissed(telemetry, trusted, changes);
    return;
  }
  const { reason, message, remedy } = trusted;
  if (remedy === undefined) telemetry.info('hint:refused', { reason, fault: message });
  else telemetry.warn('hint:refused', { reason, fault: message, remedy });
}

/** Returns a warning that a hint is refused, if the operator can do something. */
export function describeRefusal({ trusted }: TakenHint): string | undefined {
  if (!(trusted instanceof HintRefusal) || trusted.remedy === undefined) return undefined;
  return `The change hint is not used: ${trusted.message}. ${trusted.remedy}`;
}

function reportMissed(
  telemetry: StageTelemetry<'ingest'>,
  hint: Candidates,
  changes: ReadonlyMap<string, Found>,
): void {
  let missed = 0;
  for (const [table, { carried, deleted }] of changes) {
    if (hint.truncated.has(table)) continue;
    const keys = carried.union(deleted).minus(candidatesOf(hint, table));
    if (keys.count === 0) continue;
    missed += keys.count;
    const [named] = keys.chunks(MOST_NAMED_KEYS);
    telemetry.warn('hint:missed', { table, rows: keys.count, keys: named });
  }
  telemetry.metric('HintsMissed', missed);
}
