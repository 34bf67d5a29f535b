import { checkOrigin } from '@totesys/lake';
import { HINT_OPTIONS } from '../parse/parse-hints.ts';
import type { CommandDefinition } from '../process/command.ts';
import type { CommandContext } from '../process/command-context.ts';
import { EVERY_OPTION } from '../repeat/repeated-command.ts';
import { describeIngest, prepareIngest, runIngest } from '../stages/run-ingest.ts';

/** `totesys ingest`: reads one batch, or none if nothing changed. */
export const ingestCommand: CommandDefinition = {
  usage: 'ingest',
  summary: 'read the changes of the source into one batch',
  needs: ['source', 'ingestion'],
  options: [EVERY_OPTION, ...HINT_OPTIONS],
  run: async (context) => {
    await checkNumbers(context);
    return { ok: true, command: 'ingest', ...(await runIngest(context)) };
  },
  prepareRuns: async (context) => {
    await checkNumbers(context);
    const ingest = prepareIngest(context);
    return async () => {
      const result = await ingest();
      return {
        hasChanged: result.outcome === 'committed',
        hasMore: result.outcome === 'committed' && !result.complete,
        summary: `ingest ${describeIngest(result)}`,
        result: { command: 'ingest', ...result },
        faults: [],
      };
    };
  },
};

// An ingestion lake without its newest batches would assign their numbers again. The processed lake shows that.
async function checkNumbers(context: CommandContext): Promise<void> {
  if (context.places.processed !== undefined) await checkOrigin(context.ingestion(), context.processed());
}
