import { maskedRights } from '@totesys/schema';
import type { CommandDefinition } from '../process/command.ts';
import { UsageError } from '../process/usage-error.ts';

/** `totesys masked-views`: prints the SQL that creates the masked views and lets a role read them. */
export const maskedViewsCommand: CommandDefinition = {
  usage: 'masked-views',
  summary: 'print the SQL that creates views without personal data and lets a role read nothing else',
  needs: [],
  options: [{ flags: '--role <name>', text: 'the role of the analysts; it has no other right on the warehouse' }],
  notes: 'It changes nothing and needs no connection. The role that loads runs the SQL: psql --file FILE',
  run: async (context) => {
    const { role } = context.options;
    if (typeof role !== 'string' || role === '')
      throw new UsageError('Name the role of the analysts: --role analyst_masked');
    const sql = maskedRights(context.model, role);
    context.terminal.print(sql);
    return { ok: true, command: 'masked-views', role, sql };
  },
};
