import type { Proof, StoredProof } from '@totesys/lake';
import { countOf } from '../format/count-of.ts';
import { sayDifferences, sayHistory, sayLake } from './say-findings.ts';

/** Returns the lines about a proof: each difference and each fault, how much it compared, and its conclusion. */
export function sayProof(proof: Proof): string[] {
  const { rows, differences, history, lake, next } = proof;
  const left = rows.left === 0 ? '' : `; ${countOf(rows.left, 'key')} of new batches are left to later slices`;
  return [
    ...sayDifferences(differences, rows.differing, false),
    ...sayHistory(history.named, history.faults),
    ...sayLake(lake.named, lake.faults),
    `Compared ${countOf(rows.compared, 'row')} in ${countOf(rows.ranges, 'range')}${left}.`,
    `Checked ${countOf(lake.batches, 'batch', 'batches')} of the lakes and ${countOf(lake.parts, 'part')}.`,
    `Slice ${next.slice} of ${next.slices}: ${describeProof(proof)}.`,
  ];
}

/** Returns the conclusion of a proof in one line. */
export function describeProof({ batch, rows, history, lake }: Proof): string {
  const faults = history.faults + lake.faults;
  const found = [
    ...(rows.differing > 0 ? [`${countOf(rows.differing, 'row')} differ`] : []),
    ...(faults > 0 ? [countOf(faults, 'fault')] : []),
  ];
  const unread = rows.unread > 0 ? [`${countOf(rows.unread, 'row')} not read yet`] : [];
  return [`batch ${batch}`, ...(found.length > 0 ? found : ['no difference']), ...unread].join(', ');
}

/** Returns what `status` shows of the last proof; null if there is none. */
export function summarizeProof(last: StoredProof | undefined) {
  if (!last) return null;
  const { batch, clock, ok, rows, history, lake } = last.proof;
  return {
    ...{ object: last.key, batch, clock, ok },
    differing: rows.differing,
    unread: rows.unread,
    historyFaults: history.faults,
    lakeFaults: lake.faults,
  };
}
