import { isDeepStrictEqual } from 'node:util';
import type { Coverage } from '@totesys/lake';
import type { Telemetry } from '@totesys/runtime';
import type { Model } from '@totesys/schema';
import { coverageBefore, type IngestState } from './ingest-state.ts';
import { describeLayoutChange } from './layout-change.ts';
import type { SourceLayout } from './source-layout.ts';

/** From where a run reads on, with a warning for each table that it reads from the start because of what became of its columns. */
export interface StartingCoverage {
  readonly coverage: ReadonlyMap<string, Coverage>;
  readonly warnings: readonly string[];
}

/** A new history is read again from the start, and so is a table whose values may have changed with no transaction id changing. */
export function startingCoverage(
  model: Model,
  state: IngestState | undefined,
  layout: SourceLayout,
  isNew: boolean,
  telemetry: Telemetry,
): StartingCoverage {
  const coverage = new Map<string, Coverage>();
  const warnings: string[] = [];
  for (const table of model.source) {
    const before = state?.manifest.tables[table.name];
    const now = layout.tables.get(table.name)!;
    const isSame = before !== undefined && isDeepStrictEqual(before.layout, now);
    if (before && !isSame) {
      const change = describeLayoutChange(before.layout, now);
      telemetry.warn('table:layout-changed', { table: table.name, change });
      warnings.push(`Table '${table.name}' has changed and is read again: ${change}.`);
    }
    coverage.set(table.name, isSame && !isNew ? coverageBefore(state, table) : 'none');
  }
  return { coverage, warnings };
}
