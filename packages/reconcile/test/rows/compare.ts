import { connect, silentTelemetry } from '@totesys/runtime';
import { totesysModel } from '@totesys/schema';
import type { Pipeline } from '../../../system-tests/test/pipeline.ts';
import { type CompareResult, compareRows } from '../../src/rows/compare-rows.ts';
import type { CompareOptions } from '../../src/rows/comparison.ts';
import type { TableCounts } from '../../src/rows/difference.ts';

/** What a comparison found: the counts that are not 0, and each difference without its values. */
export interface Compared {
  readonly counts: Record<string, Partial<TableCounts>>;
  readonly differences: unknown[];
  readonly unread: unknown[];
  readonly result: CompareResult;
}

/** Compares the warehouse of a pipeline with its source, over connections of its own. */
export async function compare(
  pipeline: Pick<Pipeline, 'source' | 'warehouse' | 'ingestion'>,
  { sourceUrl = pipeline.source.url, ...options }: Partial<CompareOptions> & { sourceUrl?: string } = {},
): Promise<Compared> {
  const pool = { connections: 4, applicationName: 'reconcile-test' };
  const source = await connect(sourceUrl, { ...pool, subject: 'source' });
  const warehouse = await connect(pipeline.warehouse.url, { ...pool, subject: 'warehouse' });
  try {
    const result = await compareRows({
      model: totesysModel,
      ingestion: pipeline.ingestion,
      telemetry: silentTelemetry,
      showValues: false,
      waitMs: 0,
      pairs: 3,
      interrupted: new AbortController().signal,
      onWait: () => {},
      ...options,
      source,
      warehouse,
    });
    return summarize(result);
  } finally {
    await Promise.all([source.end(), warehouse.end()]);
  }
}

function summarize(result: CompareResult): Compared {
  const { findings } = result;
  const counts: Record<string, Partial<TableCounts>> = {};
  for (const [table, { expected: _expected, actual: _actual, ...others }] of findings.counts) {
    const found = Object.entries(others).filter(([, count]) => count > 0);
    if (found.length > 0) counts[table] = Object.fromEntries(found);
  }
  const withoutValues = ({ values: _values, ...difference }: { values?: unknown }) => difference;
  return {
    counts,
    differences: findings.differences.map(withoutValues),
    unread: findings.unread.map(withoutValues),
    result,
  };
}
