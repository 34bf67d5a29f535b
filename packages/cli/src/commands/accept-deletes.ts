import { requestKey, writeRequest } from '@totesys/lake';
import type { Command } from '../command-context.ts';
import { UsageError } from '../usage-error.ts';

/** `totesys accept deletes TABLE`: the next ingest takes the table's many deletions as meant. */
export const acceptDeletes: Command = async (context, name = '') => {
  const tables = context.model.source.map((table) => table.name);
  if (!tables.includes(name)) {
    throw new UsageError(`There is no source table of that name: expected one of ${tables.join(', ')}.`);
  }
  const key = requestKey(await writeRequest(context.ingestion(), { kind: 'accept-deletes', table: name }));
  context.terminal.say(`The next ingest takes the deletions of '${name}' as meant (${key}).`);
  return { ok: true, command: 'accept deletes', table: name, request: key };
};
