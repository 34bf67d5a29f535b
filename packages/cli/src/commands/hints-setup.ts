import { inTransaction, ONE_SNAPSHOT } from '@totesys/runtime';
import { checkPrimary, checkVersion, hintSetup, readServerOfHints } from '@totesys/source';
import type { CommandDefinition } from '../process/command.ts';

/** `totesys hints setup`: prints the SQL that sets up change hints on the source. */
export const hintsSetupCommand: CommandDefinition = {
  usage: 'hints setup',
  summary: 'print the SQL with which the owner of the source sets up change hints',
  needs: ['source'],
  notes: 'It changes nothing. SOURCE_URL is the one that ingest uses: its role gets the right to call two functions.',
  run: async (context) => {
    const source = await context.source();
    const server = await inTransaction(source, ONE_SNAPSHOT, readServerOfHints);
    const faults = [checkVersion(server), checkPrimary(server)].filter(({ fault }) => fault !== undefined);
    for (const { subject, fault, remedy } of faults) context.terminal.print(`${subject}: ${fault}. ${remedy}`);
    if (faults.length > 0) return { ok: false, command: 'hints setup', faults };
    const { reader, has_rds_replication: hasRdsReplication } = server;
    const sql = hintSetup(context.model, { reader, hasRdsReplication });
    context.terminal.print(sql);
    return { ok: true, command: 'hints setup', reader, sql };
  },
};
