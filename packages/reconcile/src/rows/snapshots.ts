import {
  beginTransaction,
  type Connection,
  describeDatabaseError,
  exportSnapshot,
  joinSnapshot,
  ONE_SNAPSHOT,
  PipelineError,
  type Pool,
} from '@totesys/runtime';
import type { Model } from '@totesys/schema';
import { openSnapshotBeside, type SourceSnapshot } from '@totesys/source';
import { readLedgerHead } from '@totesys/warehouse';
import { expectTables } from '../warehouse/require-tables.ts';

/** Connections to each side that see one snapshot: as many pairs of statements run at once. */
export const PAIRS = 3;

/** The warehouse as one snapshot shows it. */
export interface WarehouseSnapshot {
  readonly connections: readonly [Connection, ...Connection[]];
  /** The newest batch in its ledger, 0 for none, and the source's clock when it was read. */
  readonly batch: number;
  readonly sourceClock: string | null;
  close(): Promise<void>;
}

/** Both sides, each under one snapshot; the source's is the younger, so that it shows all that the warehouse was loaded from. */
export interface Sides {
  readonly source: SourceSnapshot;
  readonly warehouse: WarehouseSnapshot;
}

/** Gives `work` both sides under a snapshot each, and lets go of them afterwards. */
export async function underSnapshots<T>(
  databases: { source: Pool; warehouse: Pool },
  model: Model,
  work: (sides: Sides) => Promise<T>,
): Promise<T> {
  const warehouse = await openWarehouseSnapshot(databases.warehouse, model);
  try {
    const source = await openSnapshotBeside(databases.source, model);
    try {
      return await work({ source, warehouse });
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

/** Opens the snapshot of a warehouse that has the model's tables. The caller closes it. */
export async function openWarehouseSnapshot(sql: Pool, model: Model): Promise<WarehouseSnapshot> {
  const reserved: Awaited<ReturnType<Pool['reserve']>>[] = [];
  const close = async () => {
    await Promise.all(reserved.map((connection) => connection.unsafe('rollback').catch(() => undefined)));
    for (const connection of reserved) connection.release();
  };
  const begin = async () => {
    const connection = await sql.reserve();
    reserved.push(connection);
    await beginTransaction(sql, connection, ONE_SNAPSHOT);
    return connection;
  };
  try {
    const first = await begin();
    const exported = await exportSnapshot(first);
    const connections: [Connection, ...Connection[]] = [first];
    for (let pair = 1; pair < PAIRS; pair++) {
      const connection = await begin();
      await joinSnapshot(connection, exported, 'warehouse');
      connections.push(connection);
    }
    await expectTables(first, model);
    return { connections, ...(await readLedgerHead(first)), close };
  } catch (error) {
    await close();
    throw describeDatabaseError(error, 'The warehouse');
  }
}
