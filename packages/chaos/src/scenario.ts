import type { Sql } from '@totesys/runtime';
import type { Cluster } from '@totesys/sandbox';
import type { LakeCopy } from './lake-copy.ts';
import type { OpenWriter } from './open-writer.ts';
import type { SourceChoice } from './source-choice.ts';
import type { Stage } from './stage-run.ts';
import type { WarehouseState } from './warehouse-state.ts';

/** What stages find when a trial starts them: a lake and a warehouse, beside a source that has changed since. */
export interface Scenario {
  readonly stages: readonly Stage[];
  /** `first`: the pipeline has not run yet; `next`: it has; `quiet`: it has, and nothing has changed since. */
  readonly moment: 'first' | 'next' | 'quiet';
  /** The lake at the start; undefined for an empty one. */
  readonly lake?: LakeCopy;
  /** The database that is copied for each trial; undefined for an empty one. */
  readonly warehouse?: string;
  /** The bucket that has the lake; undefined for a folder. */
  readonly bucket?: string;
  /** The copy of the slot with which a trial begins; undefined to leave the slot as it is. */
  readonly slot?: string;
}

/** A source with its changes so far, and the scenarios before it; the same seed makes the same source. */
export interface SimulatedSource {
  readonly choice: SourceChoice;
  readonly name: string;
  /** The server of the warehouses, and of the source if it has no change hints. */
  readonly cluster: Cluster;
  readonly folder: string;
  readonly sourceUrl: string;
  readonly source: Sql;
  /** The connections that change the source. */
  readonly author: Sql;
  /** The transaction that stays open beside the stages. */
  readonly writer: OpenWriter;
  /** Those of moment `next` come first; a short run tries no others. */
  readonly scenarios: readonly Scenario[];
  /** What the warehouse shows after each batch in a run without faults. */
  readonly states: readonly WarehouseState[];
  /** The lake with all batches in both of its folders. */
  readonly lake: LakeCopy;
  close(): Promise<void>;
}

/** A source before the pipeline has run on it. */
export type Opened = Omit<SimulatedSource, 'scenarios' | 'states' | 'lake' | 'close'>;
