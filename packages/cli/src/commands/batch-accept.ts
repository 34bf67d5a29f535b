import {
  acceptedKey,
  findBeyondThreshold,
  findNewestBatch,
  findProcessedManifest,
  isBatchAccepted,
  type Store,
  writeAcceptance,
} from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import { findLoadedBatch } from '@totesys/warehouse';
import { parseBatch } from '../parse/parse-batch.ts';
import { requireLake } from '../places/require-lake.ts';
import type { Command, CommandDefinition } from '../process/command.ts';

const acceptBatch: Command = async (context, number) => {
  const batch = parseBatch(number);
  const store = context.processed();
  await requireLake(store);
  const manifest = (await findProcessedManifest(store, batch))?.manifest;
  if (!manifest) throw await batchMissing(store, batch);
  const result = (line: string, object: string | null) => {
    context.terminal.print(line);
    return { ok: true, command: 'batch accept', batch, object };
  };
  if (await isBatchAccepted(store, batch)) {
    const key = acceptedKey(batch);
    return result(`Batch ${batch} is already accepted (${key}).`, key);
  }
  const isLoaded =
    context.places.warehouse !== undefined && (await findLoadedBatch(await context.warehouse())) >= batch;
  if (isLoaded) return result(`Batch ${batch} is already loaded: nothing to accept.`, null);
  if ((await findBeyondThreshold(store, manifest)).length === 0) {
    return result(`Batch ${batch} is below the quarantine threshold, so load takes it: nothing to accept.`, null);
  }
  const key = await writeAcceptance(store, batch);
  return result(`Batch ${batch} is accepted; the next load takes it without its quarantined rows (${key}).`, key);
};

/** `totesys batch accept N`: load takes the batch although too many of its rows are in quarantine. */
export const batchAcceptCommand: CommandDefinition = {
  usage: 'batch accept <batch>',
  summary: 'let load take a batch although too many of its rows are in quarantine',
  needs: ['processed'],
  run: acceptBatch,
};

// A batch can be accepted only once it exists: the operator must have seen its rows.
async function batchMissing(store: Store, batch: number): Promise<PipelineError> {
  const newest = await findNewestBatch(store);
  return new PipelineError(
    ErrorCode.NOT_FOUND,
    `Batch ${batch} is not in the processed lake ${store.uri}: expected a batch up to ${newest}. ` +
      'Nothing was written. Correct the number, or derive the batch first with: totesys transform',
    { context: { batch, store: store.uri } },
  );
}
