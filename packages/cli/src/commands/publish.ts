import type { CommandDefinition } from '../process/command.ts';
import { EVERY_OPTION } from '../repeat/repeated-command.ts';
import { describePublish, runPublish } from '../stages/run-publish.ts';

/** `totesys publish`: appends every batch that the Iceberg tables lack. */
export const publishCommand: CommandDefinition = {
  usage: 'publish',
  summary: 'append every batch that the Iceberg tables lack, for query engines; it needs no database',
  needs: ['processed', 'iceberg'],
  options: [
    EVERY_OPTION,
    { flags: '--rebuild', text: 'write all files of the tables again, whatever another writer has done to them' },
  ],
  notes: 'After --rebuild the old files remain in the place of the tables; delete them when no query reads them.',
  run: async (context) => {
    const result = await runPublish(context, context.options.rebuild === true);
    return { ok: true, command: 'publish', ...result };
  },
  prepareRuns: async (context) => async () => {
    const result = await runPublish(context, false);
    return {
      hasChanged: result.outcome === 'published',
      hasMore: false,
      summary: `publish ${describePublish(result)}`,
      result: { command: 'publish', ...result },
      faults: [],
    };
  },
};
