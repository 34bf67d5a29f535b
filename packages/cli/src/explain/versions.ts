import type { Dimension, Fact } from '@totesys/schema';
import type { Values } from './find-row.ts';
import type { BatchStory } from './read-row-in-batch.ts';

/** One state of a row in a warehouse table, with the batch and the object that brought it. */
export interface Version {
  readonly table: string;
  readonly number: number;
  readonly batch: number;
  readonly object: string;
  readonly values: Values;
  /** The columns in which it differs from the version before; all of them for the first. */
  readonly changed: readonly string[];
}

/** The versions that batches bring of a row, as load counts them: each state that differs from the one before it. */
export function versionsOf(table: Dimension | Fact, stories: readonly BatchStory[]): Version[] {
  const versions: Version[] = [];
  for (const { batch, derived } of stories) {
    for (const { object, values } of derived.filter((state) => state.table === table.name)) {
      const changed = changedColumns(table, versions.at(-1)?.values, values);
      if (changed.length === 0) continue;
      versions.push({ table: table.name, number: versions.length + 1, batch, object, values, changed });
    }
  }
  return versions;
}

/** The columns in which two states of a row differ; every column where there is no state before. */
export function changedColumns(table: Dimension | Fact, before: Values | undefined, after: Values): string[] {
  return table.columns
    .filter(({ name, type }) => {
      if (!before) return true;
      const [one, other] = [before[name] ?? null, after[name] ?? null];
      return type.kind === 'numeric' ? asNumber(one) !== asNumber(other) : one !== other;
    })
    .map(({ name }) => name);
}

// A decimal is the same number with more zeros behind it.
function asNumber(text: string | null): string | null {
  return text?.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
