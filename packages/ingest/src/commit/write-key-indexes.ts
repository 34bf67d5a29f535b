import { buildIndexes, keysOfBatch } from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import type { IngestRun } from '../open/ingest-run.ts';

/**
 * Writes the indexes that this batch completes, and returns their spans. If an older manifest is damaged, it leaves its
 * index out and does not stop the run: a reader uses the indexes of shorter spans instead.
 */
export async function writeKeyIndexes({ store, writer, telemetry }: IngestRun): Promise<number[]> {
  const spans: number[] = [];
  try {
    for (const { span, keys } of await buildIndexes(store, writer.batch, keysOfBatch(writer))) {
      for (const [table, ofTable] of keys) await writer.writeKeyIndex(table, span, ofTable);
      spans.push(span);
    }
  } catch (error) {
    if (!(error instanceof PipelineError) || error.code !== ErrorCode.MANIFEST_UNREADABLE) throw error;
    telemetry.warn('key-index:skipped', { reason: error.message });
  }
  return spans;
}
