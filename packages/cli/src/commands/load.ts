import { parseUntil } from '../parse/parse-batch.ts';
import type { CommandDefinition } from '../process/command.ts';
import { runLoad } from '../stages/run-load.ts';

/** `totesys load`: loads every batch that waits, or those up to `--until`. */
export const loadCommand: CommandDefinition = {
  usage: 'load',
  summary: 'load the batches that wait into the warehouse',
  needs: ['warehouse', 'processed'],
  options: [
    { flags: '--until <batch>', text: 'load no batch after this one' },
    {
      flags: '--adopt',
      text: "accept rows that the facts have from before the first batch; needs the URL of the tables' owner",
    },
  ],
  run: async (context) => {
    const until = parseUntil(context.options);
    const adopt = context.options.adopt === true;
    const result = await runLoad(context, { ...(until !== undefined && { until }), adopt });
    return { ok: true, command: 'load', ...result };
  },
};
