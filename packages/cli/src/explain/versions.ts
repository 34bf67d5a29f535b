import type { Dimension, Fact } from '@totesys/schema';
import type { Values } from './find-row.ts';
import type { RowInBatch } from './read-row-in-batch.ts';

/** One state of a row in a warehouse table, with the batch and the object that brought it. */
export interface Version {
  readonly table: string;
  readonly number: number;
  readonly batch: number;
  readonly object: string;
  readonly values: Values;
  /** The columns that differ from the version before; all columns of the first version. */
  readonly changed: readonly string[];
}

/** Returns the versions of a row as load counts them: each derived state that differs from the one before it. */
export function versionsOf(table: Dimension | Fact, batches: readonly RowInBatch[]): Version[] {
  const versions: Version[] = [];
  for (const { batch, derived } of batches) {
    for (const { object, values } of derived.filter((state) => state.table === table.name)) {
      const changed = changedColumns(table, versions.at(-1)?.values, values);
      if (changed.length === 0) continue;
      versions.push({ table: table.name, number: versions.length + 1, batch, object, values, changed });
    }
  }
  return versions;
}

/** Returns the columns in which two states of a row differ; every column if there is no state before. */
export function changedColumns(table: Dimension | Fact, before: Values | undefined, after: Values): string[] {
  return table.columns
    .filter(({ name, type }) => {
      if (!before) return true;
      const [one, other] = [before[name] ?? null, after[name] ?? null];
      return type.kind === 'numeric' ? withoutZeros(one) !== withoutZeros(other) : one !== other;
    })
    .map(({ name }) => name);
}

// Zeros at the end of a decimal do not change the number.
function withoutZeros(text: string | null): string | null {
  return text?.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
