import { arch, cpus, loadavg, platform, totalmem } from 'node:os';
import { CODE_VERSION } from '@totesys/cli';
import { query, type Sql } from '@totesys/runtime';
import { findPsql } from '../floors/psql.ts';
import type { Machine } from './result.ts';

/** Returns what the figures depend on besides the code. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 1024 ** 3),
    system: `${platform()} ${arch()}`,
    loadBefore: Number(loadavg()[0]!.toFixed(2)),
  };
}

/** Returns the versions of the product, Node, the server, and the program that moves the rows of the floors. */
export async function readVersions(source: Sql): Promise<Record<string, string>> {
  const [row] = await query<{ server_version: string }>(source, { text: 'show server_version' });
  const psql = await findPsql();
  return {
    totesys: CODE_VERSION,
    Node: process.version,
    Postgres: row!.server_version,
    'the floors by': psql === undefined ? 'Node' : `psql ${psql}`,
  };
}
