import type { TableState } from '@totesys/lake';
import type { Model, SourceTable } from '@totesys/schema';
import type { IngestState } from '../carried/ingest-state.ts';
import type { WindowPairs } from '../carried/window-pairs.ts';
import type { SourceLayout } from '../layout/source-layout.ts';
import type { SourceSnapshot } from '../snapshot/source-snapshot.ts';
import type { WitnessRow } from './table-witness.ts';

/** The last manifest, a snapshot of the source, and the tables and window pairs of both. */
export interface Witnessed {
  readonly model: Model;
  readonly state: IngestState;
  readonly snapshot: Pick<SourceSnapshot, 'fence' | 'connections'>;
  readonly layout: SourceLayout;
  /** The id before which every transaction is complete in the batches. */
  readonly completeBefore: string;
  /** The window pairs from that id on. */
  readonly pairs: ReadonlyMap<string, WindowPairs>;
}

/** A table whose witness in the last manifest can be compared with the source. */
export interface WitnessedTable {
  readonly table: SourceTable;
  readonly before: TableState;
  readonly witness: NonNullable<TableState['witness']>;
  readonly rows: readonly WitnessRow[];
}
