import { checkOrigin } from '@totesys/lake';
import type { CommandDefinition } from '../process/command.ts';
import { runIngest } from '../stages/run-ingest.ts';

/** `totesys ingest`: reads one batch, or none if nothing changed. */
export const ingestCommand: CommandDefinition = {
  usage: 'ingest',
  summary: 'read the changes of the source into one batch',
  needs: ['source', 'ingestion'],
  run: async (context) => {
    // An ingestion lake without its newest batches would assign their numbers again. The processed lake shows that.
    if (context.places.processed !== undefined) await checkOrigin(context.ingestion(), context.processed());
    return { ok: true, command: 'ingest', ...(await runIngest(context)) };
  },
};
