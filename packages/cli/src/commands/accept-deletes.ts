import { requestKey, writeRequest } from '@totesys/lake';
import { requireSourceTable } from '../parse/require-source-table.ts';
import { requireLake } from '../places/require-lake.ts';
import type { Command } from '../process/command-context.ts';

/** `totesys accept deletes TABLE`: the next ingest takes the table's many deletions as meant. */
export const acceptDeletes: Command = async (context, name) => {
  const table = requireSourceTable(context.model, name).name;
  await requireLake(context.ingestion());
  const request = requestKey(await writeRequest(context.ingestion(), { kind: 'accept-deletes', table }));
  context.terminal.say(`The next ingest takes the deletions of '${table}' as meant (${request}).`);
  return { ok: true, command: 'accept deletes', table, request };
};
