import type { RowVisitor } from '@totesys/columns';
import { type KeySet, KeySetBuilder } from '@totesys/lake';
import { fenceNumber } from '@totesys/source';
import { transactionIdOf } from '../open/ingest-run.ts';
import { writeSelected } from '../write/write-selected.ts';
import type { TableProgress } from './table-progress.ts';

/** The most candidates that one statement reads. */
const STATEMENT_KEYS = 50_000;

/**
 * Reads the candidates of a hint by their keys, and carries those that changed. The snapshot and the fence decide: a
 * row of the fence's window that no earlier batch carries has changed, and so has a row whose key is not known. A known
 * candidate without a row is deleted.
 */
export async function carryCandidates(progress: TableProgress, candidates: KeySet): Promise<void> {
  if (candidates.count === 0) return;
  const { run, table } = progress;
  const known = await progress.readKnown();
  const present = new KeySetBuilder();
  const begin = progress.tallyStarter(carriedBefore(progress, known), present);
  for (const keys of candidates.chunks(STATEMENT_KEYS)) {
    const selection = { keysIn: { column: table.key, keys } };
    run.budget.take(await writeSelected(run, table, 'changed', { selection, begin }));
  }
  const missing = candidates.minus(present.build());
  progress.delete(missing.minus(missing.minus(known)));
}

function carriedBefore({ run, table }: TableProgress, known: KeySet): RowVisitor {
  const fenceXmin = fenceNumber(run.state!.manifest.fence.to.xmin);
  const pairs = run.pairs.tables.get(table.name);
  return (xmin, key) => {
    const id = transactionIdOf(run, xmin);
    return id < fenceXmin ? known.has(key) : pairs?.has(id, key) === true;
  };
}
