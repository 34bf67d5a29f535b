import { requireDistinctKeys } from '@totesys/source';
import { compareTables } from './compare-tables.ts';
import type { CompareOptions, Comparison } from './comparison.ts';
import { Findings } from './findings.ts';
import { followPending } from './follow-pending.ts';
import { PendingRows } from './pending-rows.ts';
import { withSides } from './sides.ts';

/** What a comparison of the rows found. */
export interface CompareResult {
  readonly findings: Findings;
  /** The newest batch that the warehouse had when the comparison began, 0 for none. */
  readonly batch: number;
  /** How long the comparison took, without the time that it waited for batches: milliseconds. */
  readonly comparedMs: number;
}

/** Compares the current state of the warehouse with the source, and follows the rows that batches may still bring. */
export async function compareRows(options: CompareOptions): Promise<CompareResult> {
  const startedMs = performance.now();
  const comparison = beginComparison(options);
  const batch = await withSides(options, async (sides) => {
    // If two rows have the same key, a comparison by keys sees only one of them.
    await requireDistinctKeys(sides.source, options.model);
    await compareTables(comparison, sides);
    return sides.batch;
  });
  const comparedMs = performance.now() - startedMs;
  await followPending(comparison, batch);
  return { findings: comparison.findings, batch, comparedMs };
}

function beginComparison(options: CompareOptions): Comparison {
  const findings = new Findings(options.model.warehouse.map(({ name }) => name));
  const canWait = options.ingestion !== undefined || options.waitMs > 0;
  return { options, findings, pending: canWait ? new PendingRows() : undefined };
}
