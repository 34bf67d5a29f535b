import { KeySet } from '@totesys/lake';
import type { StageTelemetry } from '@totesys/runtime';
import { candidatesOf, HintRefusal } from '@totesys/source';
import type { IngestRun } from '../open/ingest-run.ts';
import type { TableChanges } from '../read/table-changes.ts';
import type { TakenHint } from './taken-hint.ts';

/** Keys of a table that a warning names. */
const MOST_NAMED_KEYS = 20;

/** What a run found in a table. */
type Found = Pick<TableChanges, 'carried' | 'deleted' | 'overdue'>;

/** Reports whether the run follows its hint, and what a scan found that hints have missed. */
export function reportHint(
  { telemetry, hint }: Pick<IngestRun, 'telemetry' | 'hint'>,
  changes: ReadonlyMap<string, Found>,
): void {
  if (!hint) return;
  const refused = hint.trusted instanceof HintRefusal ? hint.trusted : hint.audit;
  telemetry.metric('HintsUsed', refused ? 0 : 1);
  telemetry.metric('HintsFellBack', refused ? 1 : 0);
  if (refused) {
    const { reason, message, remedy } = refused;
    if (remedy === undefined) telemetry.info('hint:refused', { reason, fault: message });
    else telemetry.warn('hint:refused', { reason, fault: message, remedy });
  }
  if (!hint.followed) reportMissed(telemetry, hint, changes);
}

/** Returns a warning that a hint is refused, if the operator can do something. */
export function describeRefusal({ trusted }: Pick<TakenHint, 'trusted'>): string | undefined {
  if (!(trusted instanceof HintRefusal) || trusted.remedy === undefined) return undefined;
  return `The change hint is not used: ${trusted.message}. ${trusted.remedy}`;
}

function reportMissed(
  telemetry: StageTelemetry<'ingest'>,
  { trusted }: Pick<TakenHint, 'trusted'>,
  changes: ReadonlyMap<string, Found>,
): void {
  let missed = 0;
  for (const [table, found] of changes) {
    const keys = findMissed(trusted, table, found);
    if (keys.count === 0) continue;
    missed += keys.count;
    const [named] = keys.chunks(MOST_NAMED_KEYS);
    telemetry.warn('hint:missed', { table, rows: keys.count, keys: named });
  }
  if (missed > 0 || !(trusted instanceof HintRefusal)) telemetry.metric('HintsMissed', missed);
}

// A refused hint names no keys, but a row that the last batch should have carried was missed by an earlier hint.
function findMissed(trusted: TakenHint['trusted'], table: string, { carried, deleted, overdue }: Found): KeySet {
  if (trusted instanceof HintRefusal) return trusted.reason === 'publication-changed' ? KeySet.empty : overdue;
  if (trusted.truncated.has(table)) return overdue;
  return carried.union(deleted).minus(candidatesOf(trusted, table));
}
