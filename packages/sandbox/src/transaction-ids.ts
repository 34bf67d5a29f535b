import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import postgres from 'postgres';
import type { Cluster } from './cluster.ts';
import { findServerUser } from './server-user.ts';

const TWO_TO_32 = 2 ** 32;
/**
 * The most transaction ids that one step skips. It is less than the limit: a server refuses new ids that are 2³¹ less
 * three million beyond the oldest one that is not frozen.
 */
const LONGEST_STEP = 1_500_000_000;
/** A file of pg_xact: 32 pages of 8 kB, with two bits for each transaction. */
const SEGMENT_BYTES = 32 * 8192;
const SEGMENT_TRANSACTIONS = SEGMENT_BYTES * 4;

/**
 * Advances a cluster so that its next transaction gets the given 64-bit id; `programs` is a folder with pg_resetwal.
 */
export async function skipTransactionIds(cluster: Cluster, programs: string, next: number): Promise<void> {
  for (let at = await nextId(cluster); at < next; at = await nextId(cluster)) {
    await freezeAll(cluster);
    const target = Math.min(next, at + LONGEST_STEP);
    await cluster.restart({ whileDown: (data) => setNextId(data, programs, target) });
  }
}

async function setNextId(data: string, programs: string, next: number): Promise<void> {
  const user = await findServerUser();
  const id = next % TWO_TO_32;
  const segment = Math.floor(id / SEGMENT_TRANSACTIONS);
  const file = join(data, 'pg_xact', segment.toString(16).toUpperCase().padStart(4, '0'));
  if (!existsSync(file)) {
    await writeFile(file, Buffer.alloc(SEGMENT_BYTES));
    await chmod(file, 0o600);
    if (user) await chown(file, user.uid, user.gid);
  }
  const options = ['-e', String(Math.floor(next / TWO_TO_32)), '-x', String(id), '-D', data];
  await promisify(execFile)(join(programs, 'pg_resetwal'), options, { cwd: data, ...user });
}

// Frozen rows stay visible, however far the ids advance.
async function freezeAll(cluster: Cluster): Promise<void> {
  const names = await query(cluster, 'postgres', 'select datname as name from pg_database');
  await query(cluster, 'postgres', 'alter database template0 allow_connections true');
  for (const { name } of names) await query(cluster, name, 'vacuum (freeze)');
}

async function nextId(cluster: Cluster): Promise<number> {
  const [row] = await query(cluster, 'postgres', 'select pg_snapshot_xmax(pg_current_snapshot())::text as id');
  return Number(row!.id);
}

async function query(cluster: Cluster, database: string, statement: string) {
  const sql = postgres(cluster.url(database), { max: 1, onnotice: () => {} });
  try {
    return await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}
