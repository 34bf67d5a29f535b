import type { PipelineError } from '@totesys/runtime';
import type { MigrationStep } from '../migrate/migration.ts';
import type { HeldFact } from '../sql/held.ts';

/** What the next run of load would do. */
export interface LoadPlan {
  /** The newest batch of the ledger, 0 for none. */
  readonly newestBatch: number;
  /** Why the run would stop before its first batch. */
  readonly stops: readonly PipelineError[];
  /** Why the run would yield; undefined if it would not. */
  readonly yields: string | undefined;
  /** The changes that the migration would make first. */
  readonly migration: readonly MigrationStep[];
  /** Whether the descriptions of tables and columns would be written as comments. */
  readonly writesComments: boolean;
  /** The batches that would load, in order, as far as they were read. */
  readonly batches: readonly PlannedBatch[];
  /** The batch at which the run would stop, and all later ones wait; undefined if every batch loads. */
  readonly blocked: { readonly batch: number; readonly reason: PipelineError } | undefined;
  /** The batch that transform has yet to derive although later ones are derived; undefined if none is missing. */
  readonly missing: number | undefined;
  /** The newest batch of the processed lake; batches after those above may not have been read. */
  readonly newestProcessed: number;
  /** The facts that wait in `etl.held` for a dimension row. */
  readonly held: readonly HeldFact[];
}

/** A batch that would load. */
export interface PlannedBatch {
  readonly batch: number;
  readonly rows: number;
  /** The first and the last batch of the group that loads in one transaction. */
  readonly group: readonly [number, number];
}
