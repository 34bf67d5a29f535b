import { requestKey, writeRequest } from '@totesys/lake';
import { parseKeys } from '../parse/parse-keys.ts';
import { requireKeysOrAll } from '../parse/require-keys-or-all.ts';
import { requireSourceTable } from '../parse/require-source-table.ts';
import { requireLake } from '../places/require-lake.ts';
import type { CommandDefinition } from '../process/command.ts';

// The keys of every table lie in this range.
const ALL: [number, number][] = [[Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]];

/** `totesys backfill TABLE`: the next ingest reads these rows again, changed or not. */
export const backfillCommand: CommandDefinition = {
  usage: 'backfill <table>',
  summary: 'let the next ingest read rows again, changed or not',
  needs: ['ingestion'],
  options: [
    { flags: '--keys <keys>', text: 'the keys of the rows, for example 1-100,205' },
    { flags: '--all', text: 'every row of the table' },
  ],
  run: async (context, name) => {
    const { model, options, terminal } = context;
    const table = requireSourceTable(model, name).name;
    requireKeysOrAll(options);
    const keys = options.all ? ALL : parseKeys(String(options.keys));
    await requireLake(context.ingestion());
    const tables = [{ table, keys }];
    const request = requestKey(await writeRequest(context.ingestion(), { kind: 'read', reason: 'backfill', tables }));
    terminal.print(
      `The next ingest reads ${options.all ? 'all rows' : 'these rows'} of '${table}' again (${request}).`,
    );
    return { ok: true, command: 'backfill', table, keys, request };
  },
};
