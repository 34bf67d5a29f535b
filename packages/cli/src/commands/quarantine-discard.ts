import { writeDiscard } from '@totesys/lake';
import { countOf } from '../format/count-of.ts';
import { requireKeysOrAll } from '../parse/require-keys-or-all.ts';
import { requireSourceTable } from '../parse/require-source-table.ts';
import type { CommandDefinition } from '../process/command.ts';
import { chosenKeys } from '../quarantine/chosen-keys.ts';
import { quarantineOf } from '../quarantine/quarantine-of.ts';

/**
 * `totesys quarantine discard TABLE`: the operator does not want these rows as they are. They stay in the lake but are
 * no longer listed. If a later batch quarantines them again, they are listed again.
 */
export const quarantineDiscardCommand: CommandDefinition = {
  usage: 'quarantine discard <table>',
  summary: 'discard rows that are not wanted; they stay in the lake',
  needs: ['ingestion', 'processed'],
  options: [
    { flags: '--keys <keys>', text: 'the keys of the rows, for example 1-100,205' },
    { flags: '--all', text: 'all quarantined rows of the table' },
  ],
  run: async (context, name) => {
    const { model, options, terminal } = context;
    requireKeysOrAll(options);
    const table = requireSourceTable(model, name).name;
    const { lakes, batch, open } = await quarantineOf(context);
    const [chosen] = chosenKeys(context, open, table);
    if (!chosen) {
      terminal.print('None of these rows is in quarantine: nothing to discard.');
      return { ok: true, command: 'quarantine discard', table, rows: 0, object: null };
    }
    const object = await writeDiscard(lakes.processed, { ...chosen, through: batch });
    const rows = chosen.keys.count;
    terminal.print(`Discarded ${countOf(rows, 'row')} of '${table}' (${object}).`);
    return { ok: true, command: 'quarantine discard', table, rows, object };
  },
};
