import { requestKey, writeRequest } from '@totesys/lake';
import { countOf } from '../format/count-of.ts';
import type { Command } from '../process/command-context.ts';
import { UsageError } from '../process/usage-error.ts';
import { chosenKeys } from '../quarantine/chosen-keys.ts';
import { quarantineOf } from '../quarantine/quarantine-of.ts';

/**
 * `totesys quarantine replay [TABLE]`: the next ingest reads those rows again and they take the way of every change, with the values that the source
 * has then: an old value never lands on a newer one.
 */
export const quarantineReplay: Command = async (context, name) => {
  if (name === undefined && context.options.keys !== undefined) {
    throw new UsageError('Keys of which table? Expected totesys quarantine replay TABLE --keys …');
  }
  const { open } = await quarantineOf(context);
  const chosen = chosenKeys(context, open, name);
  if (chosen.length === 0) {
    context.terminal.say('None of these rows is in quarantine: nothing to read again.');
    return { ok: true, command: 'quarantine replay', rows: 0, request: null };
  }
  const rows = chosen.reduce((sum, { keys }) => sum + keys.count, 0);
  const tables = chosen.map(({ table, keys }) => ({ table, keys: [...keys.ranges()] }));
  const request = requestKey(await writeRequest(context.ingestion(), { kind: 'read', reason: 'replay', tables }));
  context.terminal.say(`The next ingest reads ${countOf(rows, 'row')} again (${request}).`);
  return { ok: true, command: 'quarantine replay', rows, request };
};
