import type { RowVisitor } from '@totesys/columns';
import { KeySetBuilder } from '@totesys/lake';
import { fenceNumber, type WindowPairsBuilder, type WitnessBuilder } from '@totesys/source';
import { type IngestRun, transactionIdOf } from '../open/ingest-run.ts';

/**
 * Decides which of one statement's rows are decoded. What they come to counts only where the statement has ended well: `keep` is called then, and a
 * statement that fails begins another tally.
 */
export interface RowTally {
  readonly accept: RowVisitor;
  keep(): void;
}

/** What the rows of a table come to. */
export interface TableTally {
  readonly present: KeySetBuilder;
  readonly carried: KeySetBuilder;
  readonly pairs: WindowPairsBuilder;
  readonly witness: WitnessBuilder;
}

/** Notes each row of one statement as present, and as carried unless it is passed over. */
export function tallyRows(run: IngestRun, passOver: RowVisitor, into: TableTally): RowTally {
  const { fence, inProgress } = run.snapshot;
  const xmin = fenceNumber(fence.xmin);
  const [present, carried] = [new KeySetBuilder(), new KeySetBuilder()];
  const pairs: number[] = [];
  return {
    accept: (shown, key) => {
      present.add(key);
      if (passOver(shown, key)) return false;
      carried.add(key);
      const id = transactionIdOf(run, shown);
      // True of the source whatever becomes of the statement.
      into.witness.add(id, key);
      // A row that shows the id of a transaction that goes on is as old as an epoch: that one may yet write the row under the same id.
      if (id >= xmin && !inProgress.has(id)) pairs.push(id, key);
      return true;
    },
    keep: () => {
      into.present.addAll(present.build());
      into.carried.addAll(carried.build());
      for (let at = 0; at < pairs.length; at += 2) into.pairs.add(pairs[at]!, pairs[at + 1]!);
    },
  };
}
