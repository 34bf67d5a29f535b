import type { Store } from '@totesys/lake';
import type { Telemetry } from '@totesys/runtime';
import { factsOf, type Model } from '@totesys/schema';
import {
  type FenceWindow,
  fenceNumber,
  type IngestState,
  type PairsBefore,
  type SourceLayout,
  type SourceSnapshot,
  type UnreadableRows,
  widenTransactionId,
} from '@totesys/source';
import type { Requests } from '../requests/requests.ts';
import type { BatchWriter } from '../write/batch-writer.ts';
import type { Budget } from './budget.ts';

/** Everything that the parts of one ingest run share. */
export interface IngestRun {
  readonly model: Model;
  readonly store: Store;
  readonly telemetry: Telemetry;
  readonly snapshot: SourceSnapshot;
  readonly layout: SourceLayout;
  /** The tables whose keys an index proves distinct; those of the others are counted. */
  readonly proven: ReadonlySet<string>;
  /** The last manifest, without its coverage where the source's history is new. */
  readonly state: IngestState | undefined;
  /** The transactions to read again; undefined where no fence holds. */
  readonly window: FenceWindow | undefined;
  readonly pairs: PairsBefore;
  readonly budget: Budget;
  readonly writer: BatchWriter;
  readonly requests: Requests;
  /** The rows that the source could not read so far. */
  readonly unreadable: UnreadableRows;
}

/** The 64-bit id of the transaction that wrote a row, from the 32 bits that the row shows. */
export function transactionIdOf(run: IngestRun, shown: number): number {
  return widenTransactionId(shown, fenceNumber(run.snapshot.fence.xmax));
}

/** Whether a fact comes from the table: its rows go into quarantine whole, where a dimension's row flows without the value. */
export function feedsFact(model: Model, table: string): boolean {
  return factsOf(model).some((fact) => fact.source === table);
}
