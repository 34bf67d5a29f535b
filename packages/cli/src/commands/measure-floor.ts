import { readToNull, writeFromSpool } from '../bench/floor.ts';
import type { Command } from '../command-context.ts';

/** `totesys bench-floor read|write FILE`: one side of the floor, in a process of its own so that its memory can be told. */
export const measureFloor: Command = async (context, side, file) => {
  const startedMs = performance.now();
  if (side === 'read') await readToNull(await context.source());
  else await writeFromSpool(await context.warehouse(), file ?? '');
  return { ok: true, command: 'bench-floor', copySeconds: (performance.now() - startedMs) / 1e3 };
};
