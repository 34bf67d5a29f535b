import type { CommandDefinition } from '../process/command.ts';
import { runTransform } from '../stages/run-transform.ts';

/** `totesys transform`: derives every batch that the processed lake lacks. */
export const transformCommand: CommandDefinition = {
  usage: 'transform',
  summary: 'derive the rows of the star schema for every batch that lacks them',
  needs: ['ingestion', 'processed'],
  run: async (context) => ({ ok: true, command: 'transform', ...(await runTransform(context)) }),
};
