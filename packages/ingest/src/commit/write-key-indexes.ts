import { buildIndexes, keysOfBatch } from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import type { IngestRun } from '../open/ingest-run.ts';

/**
 * Writes the indexes that this batch completes, and returns their spans. A reader that misses one reads the shorter spans within it, so an
 * older manifest that is damaged leaves an index out instead of stopping the run.
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
