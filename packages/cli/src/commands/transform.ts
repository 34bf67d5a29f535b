import type { CommandDefinition } from '../process/command.ts';
import { EVERY_OPTION } from '../repeat/repeated-command.ts';
import { describeTransform, runTransform } from '../stages/run-transform.ts';

/** `totesys transform`: derives every batch that the processed lake lacks. */
export const transformCommand: CommandDefinition = {
  usage: 'transform',
  summary: 'derive the rows of the star schema for every batch that lacks them',
  needs: ['ingestion', 'processed'],
  options: [EVERY_OPTION],
  run: async (context) => ({ ok: true, command: 'transform', ...(await runTransform(context)) }),
  prepareRuns: async (context) => async () => {
    const result = await runTransform(context);
    return {
      hasChanged: result.outcome === 'committed',
      hasMore: false,
      summary: `transform ${describeTransform(result)}`,
      result: { command: 'transform', ...result },
      faults: [],
    };
  },
};
