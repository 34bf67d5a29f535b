import { describeDatabaseError, PipelineError } from '@totesys/runtime';
import { type CarriedRows, openSnapshotBeside, readCarriedRows, type SourceSnapshot } from '@totesys/source';
import type { Hashing } from '../sql/cell.ts';
import { agreeOnHashing } from './agree-on-hashing.ts';
import type { CompareOptions } from './comparison.ts';
import { openWarehouseSnapshot, type Pair, type WarehouseSnapshot } from './snapshots.ts';

/** Source and warehouse, each under one snapshot, with all that a comparison needs. */
export interface Sides {
  readonly source: SourceSnapshot;
  /** Connections to both sides: one pair of statements runs on each at a time. */
  readonly pairs: readonly [Pair, ...Pair[]];
  readonly hashing: Hashing;
  /** The source rows that the loaded batches carry; undefined without a lake. */
  readonly carried: CarriedRows | undefined;
  /** The newest batch in the ledger, 0 for none, and the source's clock when it was read. */
  readonly batch: number;
  readonly sourceClock: string | null;
}

/**
 * Opens a snapshot of each side, runs `work` on both and closes them. It takes the source's snapshot last, so that it
 * shows all that was loaded.
 */
export async function withSides<T>(options: CompareOptions, work: (sides: Sides) => Promise<T>): Promise<T> {
  const warehouse = await openWarehouseSnapshot(options.warehouse, options.model, options.pairs);
  try {
    const source = await openSnapshotBeside(options.source, options.model, options.pairs);
    try {
      return await work(await prepareSides(source, warehouse, options));
    } finally {
      await source.close();
    }
  } catch (error) {
    throw error instanceof PipelineError
      ? error
      : describeDatabaseError(error, 'The comparison of source and warehouse');
  } finally {
    await warehouse.close();
  }
}

async function prepareSides(
  source: SourceSnapshot,
  warehouse: WarehouseSnapshot,
  { ingestion, model }: CompareOptions,
): Promise<Sides> {
  const { batch, sourceClock } = warehouse;
  const carried = ingestion && (await readCarriedRows(batch, { model, ingestion, snapshot: source }));
  const [first, ...others] = warehouse.connections.map((connection, i) => ({
    source: source.connections[i]!,
    warehouse: connection,
  })) as [Pair, ...Pair[]];
  const hashing = await agreeOnHashing(first.source, first.warehouse);
  return { source, pairs: [first, ...others], hashing, carried, batch, sourceClock };
}
