import { query, type Sql } from '@totesys/runtime';
import { type Cluster, startCluster, until } from '@totesys/sandbox';
import { totesysModel } from '@totesys/schema';
import { HINT_OBJECTS, hintSetup } from '@totesys/source';

const { slot: SLOT } = HINT_OBJECTS;
/** The settings of a server with logical decoding. */
const SETTINGS = {
  wal_level: 'logical',
  max_slot_wal_keep_size: '10GB',
  // An ANALYZE of autovacuum is an open transaction, for which hints rightly wait.
  autovacuum: 'off',
};
/** How often the server begins another WAL file of 16 MB: beyond 256 MB of WAL, a run releases it at once. */
const WAL_FILES = 18;

/** Starts a server for one source with change hints: the slot belongs to the server. */
export function startHintedCluster(): Promise<Cluster> {
  return startCluster({ settings: SETTINGS });
}

/** Runs the SQL that `totesys hints setup` prints. */
export async function setUpHints(author: Sql): Promise<void> {
  const [role] = await author<{ reader: string }[]>`select current_user::text as reader`;
  const owner = await author.reserve();
  try {
    await owner.unsafe(hintSetup(totesysModel, { reader: role!.reader, hasRdsReplication: false }));
  } finally {
    owner.release();
  }
}

/** Copies the slot as it is now, so that trials can begin with it. */
export async function keepSlot(author: Sql, copy: string): Promise<void> {
  await author`select pg_copy_logical_replication_slot(${SLOT}, ${copy})`;
}

/** Replaces the slot by a copy of it. */
export async function restoreSlot(author: Sql, copy: string): Promise<void> {
  await dropSlot(author);
  await author`select pg_copy_logical_replication_slot(${copy}, ${SLOT})`;
}

/** Drops the slot. */
export async function dropSlot(author: Sql): Promise<void> {
  await untilUnused(author);
  await author`select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = ${SLOT}`;
}

/** Advances the slot to the end of the WAL, as another reader does: it lacks what no batch has read yet. */
export async function consumeSlot(author: Sql): Promise<void> {
  await untilUnused(author);
  await author`select pg_replication_slot_advance(${SLOT}, pg_current_wal_insert_lsn())`;
}

/** Makes the slot keep more WAL than an unchanged run leaves there, without a change of any row. */
export async function fillWal(author: Sql): Promise<void> {
  for (let file = 0; file < WAL_FILES; file++) {
    // The server begins another file only if this one has WAL.
    await author`select pg_switch_wal() from (select pg_logical_emit_message(false, 'chaos', 'x')) message`;
  }
}

/** Returns where the slot has everything from, in bytes; undefined without a slot. */
export async function findConfirmed(author: Sql): Promise<bigint | undefined> {
  const text = `select (confirmed_flush_lsn - '0/0')::text as at from pg_replication_slots where slot_name = $1`;
  const [row] = await query<{ at: string }>(author, { text, parameters: [SLOT] });
  return row && BigInt(row.at);
}

// The session of a killed process may still read the slot.
async function untilUnused(author: Sql): Promise<void> {
  await until('a slot that no session uses', async () => {
    const found = await author`select active_pid from pg_replication_slots where slot_name = ${SLOT}`;
    return found.every(({ active_pid }) => active_pid === null);
  });
}
