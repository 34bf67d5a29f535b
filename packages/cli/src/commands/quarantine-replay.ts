import { requestKey, writeRequest } from '@totesys/lake';
import { countOf } from '../format/count-of.ts';
import type { CommandDefinition } from '../process/command.ts';
import { UsageError } from '../process/usage-error.ts';
import { chosenKeys } from '../quarantine/chosen-keys.ts';
import { quarantineOf } from '../quarantine/quarantine-of.ts';

/**
 * `totesys quarantine replay [TABLE]`: the next ingest reads these rows again with the values that the source has then,
 * so an old value never replaces a newer one.
 */
export const quarantineReplayCommand: CommandDefinition = {
  usage: 'quarantine replay [table]',
  summary: 'let the next ingest read quarantined rows again',
  needs: ['ingestion', 'processed'],
  options: [{ flags: '--keys <keys>', text: 'the keys of the rows, for example 1-100,205; without this option all' }],
  run: async (context, name) => {
    const { options, terminal } = context;
    if (name === undefined && options.keys !== undefined) {
      throw new UsageError('--keys needs a table: expected totesys quarantine replay TABLE --keys KEYS.');
    }
    const { open } = await quarantineOf(context);
    const chosen = chosenKeys(context, open, name);
    if (chosen.length === 0) {
      terminal.print('None of these rows is in quarantine: nothing to read again.');
      return { ok: true, command: 'quarantine replay', rows: 0, request: null };
    }
    const rows = chosen.reduce((sum, { keys }) => sum + keys.count, 0);
    const tables = chosen.map(({ table, keys }) => ({ table, keys: [...keys.ranges()] }));
    const request = requestKey(await writeRequest(context.ingestion(), { kind: 'read', reason: 'replay', tables }));
    terminal.print(`The next ingest reads ${countOf(rows, 'row')} again (${request}).`);
    return { ok: true, command: 'quarantine replay', rows, request };
  },
};
