import type { Fence } from '@totesys/lake';

const TWO_TO_32 = 2 ** 32;

/**
 * The window of transaction ids whose rows a run reads again: from the xmin of the snapshot before up to the xmax of this one.
 * A row shows 32 bits of its id, so the window is kept modulo 2³²: `(id − low) mod 2³² < span`. An id older than an epoch
 * may fall into it by chance and is then read again, never the other way round.
 */
export interface FenceWindow {
  readonly low: number;
  readonly span: number;
}

/** The window between the snapshot before and this one. */
export function fenceWindow(from: Fence, to: Fence): FenceWindow {
  const low = Number(BigInt.asUintN(32, BigInt(from.xmin)));
  return { low, span: Number(BigInt(to.xmax) - BigInt(from.xmin)) };
}

/** Widens the 32 bits of a visible row's transaction id to the newest 64-bit id below `xmax` that ends in them. */
export function widenTransactionId(id: number, xmax: number): number {
  const behind = (((xmax - id) % TWO_TO_32) + TWO_TO_32) % TWO_TO_32;
  return xmax - (behind === 0 ? TWO_TO_32 : behind);
}

/** A 64-bit transaction id as a number: exact up to 2⁵³, which no cluster reaches. */
export function fenceNumber(transactionId: string): number {
  return Number(transactionId);
}
