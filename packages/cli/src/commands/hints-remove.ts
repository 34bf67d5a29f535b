import { hintRemoval } from '@totesys/source';
import type { CommandDefinition } from '../process/command.ts';

/** `totesys hints remove`: prints the SQL that removes change hints from the source. */
export const hintsRemoveCommand: CommandDefinition = {
  usage: 'hints remove',
  summary: 'print the SQL with which the owner of the source removes change hints',
  needs: [],
  notes: 'It changes nothing. A slot that nobody reads keeps WAL: remove it when hints are off.',
  run: async ({ terminal }) => {
    const sql = hintRemoval();
    terminal.print(sql);
    return { ok: true, command: 'hints remove', sql };
  },
};
