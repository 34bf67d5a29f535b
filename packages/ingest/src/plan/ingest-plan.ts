import type { Coverage } from '@totesys/lake';
import type { PipelineError } from '@totesys/runtime';
import type { RowEstimate } from '@totesys/source';
import type { WaitingRequest } from '../requests/requests.ts';

/** What the next run of ingest would find. */
export interface IngestPlan {
  /** The newest batch of the ingestion lake, 0 for none. */
  readonly newestBatch: number;
  /** Why the run would stop; if there are any, it commits nothing. */
  readonly stops: readonly PipelineError[];
  /** Why the run would yield; undefined if it would not. */
  readonly yields: string | undefined;
  /** Differences of the source for which tables are read again, each a sentence. */
  readonly readAgain: readonly string[];
  /** Differences of the source that change no row of a batch, each a sentence. */
  readonly compatible: readonly string[];
  /** What the plan could not find out within its limits, each a sentence. */
  readonly unknown: readonly string[];
  /** The tables, in the order in which the run reads them. */
  readonly tables: readonly PlannedTable[];
  readonly requests: readonly WaitingRequest[];
  /** Requests that no run can answer, each a sentence. */
  readonly unanswerable: readonly string[];
}

/** What the next run would find in one table. */
export interface PlannedTable {
  readonly table: string;
  /** The rows that batches have brought and not deleted. */
  readonly known: number;
  /** How far the table is covered when the run begins. */
  readonly coverage: Coverage;
  /** The changed rows among those that are covered, by a scan; undefined if it was not made or not finished. */
  readonly changed: number | undefined;
  /** The deleted rows, a lower bound: a new row offsets a deleted one in the count. */
  readonly deleted: number | undefined;
  /** The rows that are not covered; undefined if the table is covered, or cannot be read. */
  readonly uncovered: RowEstimate | undefined;
}
