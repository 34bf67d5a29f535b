import { writeDiscard } from '@totesys/lake';
import { countOf } from '../format/count-of.ts';
import { requireSourceTable } from '../parse/require-source-table.ts';
import type { Command } from '../process/command-context.ts';
import { UsageError } from '../process/usage-error.ts';
import { chosenKeys } from '../quarantine/chosen-keys.ts';
import { quarantineOf } from '../quarantine/quarantine-of.ts';

/** `totesys quarantine discard TABLE`: these rows are not wanted as they are; they stay in the lake and are no longer listed. A later state of them is. */
export const quarantineDiscard: Command = async (context, name) => {
  const { keys: wanted, all } = context.options;
  if ((wanted === undefined) === (all === undefined)) {
    throw new UsageError('Not said which rows: expected --keys, as in --keys 1-100,205, or --all.');
  }
  const table = requireSourceTable(context.model, name).name;
  const { lakes, batch, open } = await quarantineOf(context);
  const [chosen] = chosenKeys(context, open, table);
  if (!chosen) {
    context.terminal.say('None of these rows is in quarantine: nothing to discard.');
    return { ok: true, command: 'quarantine discard', table, rows: 0, object: null };
  }
  const object = await writeDiscard(lakes.processed, { ...chosen, through: batch });
  const rows = chosen.keys.count;
  context.terminal.say(`No longer listed: ${countOf(rows, 'row')} (${object}).`);
  return { ok: true, command: 'quarantine discard', table, rows, object };
};
