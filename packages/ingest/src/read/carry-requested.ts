import { type KeySet, KeySetBuilder } from '@totesys/lake';
import { piecesOf, type RequestedPiece } from '../requests/requested-keys.ts';
import { carryChunks } from './carry-chunks.ts';
import type { TableProgress } from './table-progress.ts';

/**
 * Carries the covered rows that requests ask for, as far as the budget lasts. Requested keys without a row become
 * deletions.
 */
export async function carryRequested(progress: TableProgress): Promise<void> {
  const { run, table, requested } = progress;
  const { budget, requests } = run;
  const carried = progress.carried.build();
  // One set at the end: a union for each of many pieces would copy it each time.
  const missing = new KeySetBuilder();
  const covered = requested.rows.within(Number.NEGATIVE_INFINITY, progress.coveredThrough);
  let through = progress.coveredThrough;
  for (const piece of piecesOf(table, covered, budget.chunkRows)) {
    if (budget.isSpent) {
      through = piece.first - 1;
      break;
    }
    const reached = await carryPiece(progress, piece, { carried, missing });
    if (reached === undefined) continue;
    through = reached;
    break;
  }
  progress.delete(missing.build());
  requests.settle(table.name, through);
}

// Carries what the batch does not carry already. Returns the last key read if the budget ended it, otherwise undefined.
async function carryPiece(
  progress: TableProgress,
  piece: RequestedPiece,
  { carried, missing }: { readonly carried: KeySet; readonly missing: KeySetBuilder },
): Promise<number | undefined> {
  const present = new KeySetBuilder();
  const begin = progress.tallyStarter((_xmin, key) => carried.has(key), present);
  const reached = await carryChunks(progress, piece.selection, { inOneChunk: !piece.isRange, begin });
  const asked = progress.requested.named.within(piece.first - 1, reached ?? piece.last);
  const withoutRow = asked.minus(present.build());
  missing.addAll(withoutRow);
  progress.run.budget.take(withoutRow.count);
  return reached;
}
