import type { RowVisitor } from '@totesys/columns';
import { KeySetBuilder } from '@totesys/lake';
import { fenceNumber, type WindowPairsBuilder, type WitnessBuilder } from '@totesys/source';
import { type IngestRun, transactionIdOf } from '../open/ingest-run.ts';

/**
 * Records the rows of one statement. The records count only after `keep`; a statement that fails is repeated with
 * another tally.
 */
export interface RowTally {
  /** Records a row; returns whether the batch carries it. */
  readonly visit: RowVisitor;
  keep(): void;
}

/** What a table's tallies add to. */
export interface TableTally {
  readonly present: KeySetBuilder;
  readonly carried: KeySetBuilder;
  readonly pairs: WindowPairsBuilder;
  readonly witness: WitnessBuilder;
}

/** Begins a tally that records each row as present, and as carried unless `passOver` returns true. */
export function beginTally(run: IngestRun, passOver: RowVisitor, into: TableTally): RowTally {
  const { inProgress } = run.snapshot;
  // A later scan reads again what transactions from this id on have written.
  const rereadFrom = fenceNumber(run.scannedTo.xmin);
  const [present, carried] = [new KeySetBuilder(), new KeySetBuilder()];
  const pairs: number[] = [];
  return {
    visit: (xmin, key) => {
      present.add(key);
      if (passOver(xmin, key)) return false;
      carried.add(key);
      const id = transactionIdOf(run, xmin);
      // The witness describes the source, so it holds even if the statement fails.
      into.witness.add(id, key);
      // A visible row with the id of an open transaction is an epoch old. It gets no pair, because that transaction may
      // still write the row under this id.
      if (id >= rereadFrom && !inProgress.has(id)) pairs.push(id, key);
      return true;
    },
    keep: () => {
      into.present.addAll(present.build());
      into.carried.addAll(carried.build());
      for (let at = 0; at < pairs.length; at += 2) into.pairs.add(pairs[at]!, pairs[at + 1]!);
    },
  };
}
