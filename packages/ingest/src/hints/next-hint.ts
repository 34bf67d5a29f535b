import type { HintState } from '@totesys/lake';
import type { Candidates, HintPlace } from '@totesys/source';

/** Marks that are kept besides the one that bounds the oldest open transaction: some 6 kB of the manifest. */
const MOST_MARKS = 100;

/** What a run has seen of the source and its slot. */
export interface HintObservation {
  readonly place: HintPlace;
  /** The xmin of the run's snapshot. */
  readonly xmin: number;
  /** How far the slot was read, or could have been: flushed WAL, in bytes. */
  readonly upto: bigint;
  readonly fingerprint: string;
  /** What the slot had, and the position from which it has everything; undefined if it was not read. */
  readonly peeked: { readonly candidates: Candidates; readonly confirmed: bigint } | undefined;
  /** Whether changes may be missing from the slot, so that hints count again only after all open transactions. */
  readonly isDoubtful: boolean;
}

/** Returns what the next manifest keeps, from what the last one kept and what the run has seen. */
export function nextHint(before: HintState | undefined, seen: HintObservation): Omit<HintState, 'scannedTo' | 'pairs'> {
  const { place, upto, fingerprint, peeked, isDoubtful } = seen;
  const marks = [...(before?.marks ?? []), { position: String(upto), next: String(place.nextId) }];
  // Of the transactions that the snapshot does not see, none is older than its xmin.
  const bounding = marks.findLastIndex(({ next }) => Number(next) <= seen.xmin);
  const kept = marks.slice(Math.max(bounding, 0));
  const position = peeked ? firstNeeded(peeked.candidates, upto) : boundOf(before, marks[bounding]?.position);
  const isSame = before !== undefined && before.fingerprint === fingerprint && !isDoubtful;
  const isSameSlot = !peeked || isBefore(peeked.confirmed, before?.position ?? null);
  return {
    position: position === null ? null : String(position),
    armedFrom: isSame && isSameSlot ? before.armedFrom : String(place.nextId),
    fingerprint,
    marks: kept.length <= MOST_MARKS + 1 ? kept : [kept[0]!, ...kept.slice(-MOST_MARKS)],
  };
}

/** Whether a slot that has everything from `confirmed` on has everything from a position on. */
export function isBefore(confirmed: bigint, position: string | null): boolean {
  return position !== null && confirmed <= BigInt(position);
}

// To advance the slot to `upto` would forget a transaction that committed before it and that the snapshot does not see.
function firstNeeded({ firstUnseen }: Candidates, upto: bigint): bigint {
  return firstUnseen !== undefined && firstUnseen < upto ? firstUnseen : upto;
}

function boundOf(before: HintState | undefined, bound: string | undefined): bigint | null {
  const known = [before?.position ?? undefined, bound].flatMap((text) => (text === undefined ? [] : [BigInt(text)]));
  return known.reduce<bigint | null>((most, each) => (most === null || each > most ? each : most), null);
}
