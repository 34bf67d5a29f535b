import { requestKey, writeRequest } from '@totesys/lake';
import { requireSourceTable } from '../parse/require-source-table.ts';
import { requireLake } from '../places/require-lake.ts';
import type { CommandDefinition } from '../process/command.ts';

/** `totesys accept deletes TABLE`: the next ingest accepts that many rows of the table are deleted. */
export const acceptDeletesCommand: CommandDefinition = {
  usage: 'accept deletes <table>',
  summary: 'let the next ingest delete a large share of the rows of a table',
  needs: ['ingestion'],
  run: async (context, name) => {
    const table = requireSourceTable(context.model, name).name;
    await requireLake(context.ingestion());
    const request = requestKey(await writeRequest(context.ingestion(), { kind: 'accept-deletes', table }));
    context.terminal.print(`The next ingest accepts the deletions in '${table}' (${request}).`);
    return { ok: true, command: 'accept deletes', table, request };
  },
};
