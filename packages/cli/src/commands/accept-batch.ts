import { acceptedKey } from '@totesys/lake';
import type { Command } from '../command-context.ts';
import { parseBatch } from '../parse-batch.ts';

/** `totesys batch accept N`: load takes the batch although many of its rows are in quarantine. */
export const acceptBatch: Command = async (context, number) => {
  const batch = parseBatch(number);
  const key = acceptedKey(batch);
  await context
    .processed()
    .putIfAbsent(key, Buffer.from(`${JSON.stringify({ kind: 'accept-batch', batch }, null, 2)}\n`));
  context.terminal.say(`Load takes batch ${batch} as it is (${key}).`);
  return { ok: true, command: 'batch accept', batch, object: key };
};
