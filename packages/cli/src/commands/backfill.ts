import { requestKey, writeRequest } from '@totesys/lake';
import { parseKeys } from '../parse/parse-keys.ts';
import { requireSourceTable } from '../parse/require-source-table.ts';
import { requireLake } from '../places/require-lake.ts';
import type { Command, CommandContext } from '../process/command-context.ts';
import { UsageError } from '../process/usage-error.ts';

/** `totesys backfill TABLE`: the next ingest reads those keys again, or all of them, whether they changed or not. */
export const backfill: Command = async (context, name) => {
  const table = requireSourceTable(context.model, name).name;
  const keys = findKeys(context.options);
  await requireLake(context.ingestion());
  const request = requestKey(
    await writeRequest(context.ingestion(), { kind: 'read', reason: 'backfill', tables: [{ table, keys }] }),
  );
  const which = context.options.all ? 'every row' : 'these rows';
  context.terminal.say(`The next ingest reads ${which} of '${table}' again (${request}).`);
  return { ok: true, command: 'backfill', table, keys, request };
};

// Between the ends of what a key may be lies every table.
const ALL: [number, number][] = [[Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]];

function findKeys({ keys, all }: CommandContext['options']): [number, number][] {
  if ((keys === undefined) === (all === undefined)) {
    throw new UsageError('Not said which rows: expected --keys, as in --keys 1-100,205, or --all.');
  }
  return all ? ALL : parseKeys(String(keys));
}
