import type { Command } from '@totesys/cli';
import type { Sql } from '@totesys/runtime';
import { pipeTables } from './pipes.ts';
import { findPsql } from './psql.ts';
import { scanTables } from './scan.ts';
import { readToNull } from './to-null.ts';

/** The floors by the name of their argument. */
export const FLOORS = ['pipes', 'null', 'scan'] as const;

/**
 * Runs `totesys-bench floor NAME`: one floor, in a process of its own so that its CPU time and memory can be measured.
 * `floorSeconds` leaves out the start of the process.
 */
export const floorCommand: Command = async (context, name) => {
  // Measured without the settings of a transaction.
  const source = (await context.source()) as Sql;
  const target = (await context.warehouse()) as Sql;
  const { source: sourceUrl = '', warehouse: targetUrl = '' } = context.places;
  const hasPsql = (await findPsql()) !== undefined;
  const startedMs = performance.now();
  if (name === 'pipes') await pipeTables({ source, sourceUrl, target, targetUrl }, { hasPsql, keeps: false });
  else if (name === 'null') await readToNull(source, sourceUrl, hasPsql);
  else await scanTables(source);
  return { ok: true, command: 'bench-floor', floorSeconds: (performance.now() - startedMs) / 1e3 };
};
