import { parseUntil } from '../parse/parse-batch.ts';
import type { CommandDefinition } from '../process/command.ts';
import type { CommandOptions } from '../process/command-options.ts';
import { UsageError } from '../process/usage-error.ts';
import { EVERY_OPTION } from '../repeat/repeated-command.ts';
import { describeLoad, runLoad } from '../stages/run-load.ts';

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
    EVERY_OPTION,
  ],
  run: async (context) => {
    const adopt = context.options.adopt === true;
    const result = await runLoad(context, { ...untilOf(context.options), adopt });
    return { ok: true, command: 'load', ...result };
  },
  prepareRuns: async (context) => {
    // Adoption is one decision of an operator, with the rights of the tables' owner.
    if (context.options.adopt === true) {
      throw new UsageError('--adopt and --every exclude each other: run load --adopt once, then load --every.');
    }
    const options = untilOf(context.options);
    return async () => {
      const result = await runLoad(context, options);
      return {
        hasChanged: result.batches.length > 0,
        hasMore: false,
        summary: `load ${describeLoad(result)}`,
        result: { command: 'load', ...result },
        faults: [],
      };
    };
  },
};

function untilOf(options: CommandOptions): { until?: number } {
  const until = parseUntil(options);
  return until === undefined ? {} : { until };
}
