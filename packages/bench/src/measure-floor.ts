import type { Command } from '@totesys/cli';
import type { Sql } from '@totesys/runtime';
import { readToNull, scan, writeFromSpool } from './floor.ts';

/**
 * Runs `totesys-bench floor read|scan|write FILE`: one floor, in a process of its own so that its memory can be
 * measured.
 */
export const measureFloor: Command = async (context, side, file = '') => {
  // Measured without the settings of a transaction.
  const database = (await (side === 'write' ? context.warehouse() : context.source())) as Sql;
  const startedMs = performance.now();
  if (side === 'write') await writeFromSpool(database, file);
  else await (side === 'scan' ? scan : readToNull)(database);
  return { ok: true, command: 'bench-floor', floorSeconds: (performance.now() - startedMs) / 1e3 };
};
