import type { Coverage, Fence } from '@totesys/lake';
import { type Connection, query, type Telemetry } from '@totesys/runtime';
import type { Model, SourceTable } from '@totesys/schema';
import {
  coverageBefore,
  describeLayoutChange,
  fenceWindow,
  findAddedPartitions,
  type IngestState,
  type SourceLayout,
  type TableLayout,
} from '@totesys/source';
import { findOlderRow } from '../sql/find-older-row.ts';

/**
 * How far each table is covered when a run begins, with a warning for each table that it reads again because its
 * layout changed.
 */
export interface StartingCoverage {
  readonly coverage: ReadonlyMap<string, Coverage>;
  readonly warnings: readonly string[];
}

/** What the starting coverage depends on. */
export interface StartingPoint {
  readonly model: Model;
  readonly state: IngestState | undefined;
  readonly layout: SourceLayout;
  readonly isNew: boolean;
  readonly snapshot: { readonly fence: Fence; readonly connections: readonly [Connection, ...Connection[]] };
  readonly telemetry: Telemetry;
}

/**
 * Returns the coverage from which a run continues. It is none in a new history, and none for a table whose values may
 * have changed although no xmin did.
 */
export async function startingCoverage(start: StartingPoint): Promise<StartingCoverage> {
  const { model, state, layout, isNew, telemetry } = start;
  const coverage = new Map<string, Coverage>();
  const warnings: string[] = [];
  for (const table of model.source) {
    const before = state?.manifest.tables[table.name];
    const now = layout.tables.get(table.name)!;
    const change = before && !isNew ? await findChange(start, table, before.layout, now) : undefined;
    if (change !== undefined) {
      telemetry.warn('table:layout-changed', { table: table.name, change });
      warnings.push(`Table '${table.name}' has changed and is read again: ${change}.`);
    }
    coverage.set(table.name, isNew || change !== undefined ? 'none' : coverageBefore(state, table));
  }
  return { coverage, warnings };
}

// A removed partition leaves keys without rows, which a count shows. An added one brings no batch if all its rows are
// newer than the last batch.
async function findChange(
  { state, snapshot }: StartingPoint,
  table: SourceTable,
  before: TableLayout,
  now: TableLayout,
): Promise<string | undefined> {
  const change = describeLayoutChange(before, now);
  const added = findAddedPartitions(before, now);
  if (!state || change !== undefined || added.length === 0) return change;
  const { xmax } = state.manifest.fence.to;
  const { low, span } = fenceWindow({ xmin: xmax, xmax }, snapshot.fence);
  const parameters = [`{${added.join(',')}}`, String(low), String(span)];
  const [row] = await query(snapshot.connections[0], { text: findOlderRow(table), parameters });
  return row ? 'it has other partitions than before, and an added one has rows older than the last batch' : undefined;
}
