import type { Fence } from '@totesys/lake';

/**
 * The first 64-bit id of the second epoch, in which 32-bit ids are used again; a row's xmin does not show its epoch.
 */
export const FIRST_EPOCH = 2 ** 32;

/**
 * The window of transaction ids whose rows a run reads again: from the xmin of the last batch's snapshot up to the
 * xmax of this one. A row's xmin has 32 bits, so the window is modulo 2³²: `(xmin − low) mod 2³² < span`. A row
 * older than an epoch may be in the window by chance and is then read again; a row of the window is never missed.
 */
export interface FenceWindow {
  readonly low: number;
  readonly span: number;
}

/** Returns the window from the xmin of an earlier snapshot to the fence of a later one. */
export function fenceWindow(from: Fence, to: Fence): FenceWindow {
  const low = Number(BigInt.asUintN(32, BigInt(from.xmin)));
  return { low, span: Number(BigInt(to.xmax) - BigInt(from.xmin)) };
}

/** Widens the xmin of a visible row to the newest 64-bit id below `xmax` that ends in its 32 bits. */
export function widenTransactionId(xmin: number, xmax: number): number {
  const distance = (((xmax - xmin) % FIRST_EPOCH) + FIRST_EPOCH) % FIRST_EPOCH;
  return xmax - (distance === 0 ? FIRST_EPOCH : distance);
}

/** Returns a 64-bit transaction id as a number: exact up to 2⁵³, which no cluster reaches. */
export function fenceNumber(transactionId: string): number {
  return Number(transactionId);
}
