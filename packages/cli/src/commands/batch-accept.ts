import { acceptedKey, findBeyondThreshold, findNewestBatch, findProcessedManifest, type Store } from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import { findLoadedBatch } from '@totesys/warehouse';
import { parseBatch } from '../parse/parse-batch.ts';
import { requireLake } from '../places/require-lake.ts';
import type { Command } from '../process/command-context.ts';

/** `totesys batch accept N`: load takes the batch although many of its rows are in quarantine; nothing is written where it takes it anyway. */
export const acceptBatch: Command = async (context, number) => {
  const batch = parseBatch(number);
  const store = context.processed();
  await requireLake(store);
  const manifest = (await findProcessedManifest(store, batch))?.manifest;
  if (!manifest) throw await batchMissing(store, batch);
  const answer = (line: string, object: string | null) => {
    context.terminal.say(line);
    return { ok: true, command: 'batch accept', batch, object };
  };
  const key = acceptedKey(batch);
  if (await store.find(key)) return answer(`Batch ${batch} is accepted already (${key}).`, key);
  const isLoaded =
    context.places.warehouse !== undefined && (await findLoadedBatch(await context.warehouse())) >= batch;
  if (isLoaded) return answer(`Batch ${batch} is loaded already: nothing to accept.`, null);
  if ((await findBeyondThreshold(store, manifest)).length === 0) {
    return answer(
      `Load takes batch ${batch} by itself, as few of its rows are in quarantine: nothing to accept.`,
      null,
    );
  }
  await store.putIfAbsent(key, Buffer.from(`${JSON.stringify({ kind: 'accept-batch', batch }, null, 2)}\n`));
  return answer(`Load takes batch ${batch} as it is (${key}).`, key);
};

// To accept what nobody has seen would let through whatever comes under that number.
async function batchMissing(store: Store, batch: number): Promise<PipelineError> {
  return new PipelineError(
    ErrorCode.NOT_FOUND,
    `Batch ${batch} is not in the processed lake ${store.uri}: expected one up to ${await findNewestBatch(store)}. Nothing was written. Correct the number, or derive it first with: totesys transform`,
    { context: { batch, store: store.uri } },
  );
}
