import {
  beginTransaction,
  type Connection,
  describeDatabaseError,
  execute,
  exportSnapshot,
  joinSnapshot,
  ONE_SNAPSHOT,
  type Pool,
} from '@totesys/runtime';
import type { Model } from '@totesys/schema';
import { readLedgerHead } from '@totesys/warehouse';
import { requireTables } from '../warehouse/require-tables.ts';

/** Connections to each side that see one snapshot, for a comparison of all rows. */
export const PAIRS = 3;

/** A connection to each side. */
export interface Pair {
  readonly source: Connection;
  readonly warehouse: Connection;
}

/** The warehouse as one snapshot shows it. */
export interface WarehouseSnapshot {
  readonly connections: readonly [Connection, ...Connection[]];
  /** The newest batch in the ledger, 0 for none, and the source's clock when it was read. */
  readonly batch: number;
  readonly sourceClock: string | null;
  close(): Promise<void>;
}

/**
 * Opens a snapshot of a warehouse, which must have the tables of the model, on a number of connections. The caller
 * closes it.
 */
export async function openWarehouseSnapshot(sql: Pool, model: Model, pairs: number): Promise<WarehouseSnapshot> {
  const reserved: Awaited<ReturnType<Pool['reserve']>>[] = [];
  const close = async () => {
    await Promise.all(reserved.map((connection) => execute(connection, { text: 'rollback' }).catch(() => undefined)));
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
    for (let pair = 1; pair < pairs; pair++) {
      const connection = await begin();
      await joinSnapshot(connection, exported, 'warehouse');
      connections.push(connection);
    }
    await requireTables(first, model);
    return { connections, ...(await readLedgerHead(first)), close };
  } catch (error) {
    await close();
    throw describeDatabaseError(error, 'The warehouse');
  }
}
