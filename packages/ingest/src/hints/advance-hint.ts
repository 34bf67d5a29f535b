import type { Pool } from '@totesys/runtime';
import { advanceSlot } from '@totesys/source';
import type { IngestRun } from '../open/ingest-run.ts';

/**
 * Advances the slot to the position that the committed manifest has. If this fails, nothing is lost: the next run reads
 * the same changes again, and advances the slot.
 */
export async function advanceHint(source: Pool, { hint, telemetry }: IngestRun): Promise<void> {
  const position = hint?.next?.position ?? undefined;
  if (position === undefined || hint?.confirmed === undefined || BigInt(position) <= hint.confirmed) return;
  try {
    await advanceSlot(source, BigInt(position));
  } catch (error) {
    telemetry.warn('hint:not-advanced', { fault: (error as Error).message });
  }
}
