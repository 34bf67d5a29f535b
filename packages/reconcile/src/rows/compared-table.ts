import type { Dimension, Fact } from '@totesys/schema';
import type { CellKind, Hashing } from '../sql/cell.ts';
import type { SideRows } from '../sql/side-rows.ts';

/** A warehouse table: the rows that it should have, computed on the source, and the rows that it has. */
export interface ComparedTable {
  readonly name: string;
  /**
   * The declaration whose source rows it derives from; undefined for the calendar, which derives from no row of the
   * source.
   */
  readonly origin: Dimension | Fact | undefined;
  readonly columns: readonly { readonly name: string; readonly kind: CellKind }[];
  readonly hashing: Hashing;
  /** Runs on the source, also for the calendar, whose years come from the warehouse. */
  readonly expected: SideRows;
  /** Runs on the warehouse. */
  readonly actual: SideRows;
  /** Whether the table keeps rows that the source has deleted: the history of facts refers to dimensions. */
  readonly keepsRows: boolean;
  /**
   * Keys of rows that the source cannot compute. The comparison adds them as it finds them and leaves them out on both
   * sides.
   */
  readonly unreadable: Set<number>;
  /** Returns a key as differences name it. */
  readonly describeKey: (key: number) => number | string;
}
