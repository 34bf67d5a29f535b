import { inTransaction, ONE_SNAPSHOT } from '@totesys/runtime';
import { checkHints, readHintFacts } from '@totesys/source';
import type { CommandDefinition } from '../process/command.ts';

/** `totesys hints check`: checks each thing that change hints need of the source, with the remedy of each fault. */
export const hintsCheckCommand: CommandDefinition = {
  usage: 'hints check',
  summary: 'check what change hints need of the source, and name the remedy of each fault',
  needs: ['source'],
  run: async (context) => {
    const { model, terminal } = context;
    const source = await context.source();
    const facts = await inTransaction(source, ONE_SNAPSHOT, (connection) => readHintFacts(connection, model));
    const checks = checkHints(model, facts);
    for (const { subject, fault, remedy } of checks) {
      terminal.print(fault === undefined ? `ok     ${subject}` : `fault  ${subject}: ${fault}. ${remedy}`);
    }
    const faults = checks.filter(({ fault }) => fault !== undefined);
    return { ok: faults.length === 0, command: 'hints check', checked: checks.length, faults };
  },
};
