import { type Dimension, type Fact, findSourceTable, type Model, type SourceTable } from '@totesys/schema';
import { UsageError } from '../process/usage-error.ts';

/** The row to explain: its source table, its key, and the warehouse tables that are derived from it. */
export interface Subject {
  readonly source: SourceTable;
  readonly key: number;
  readonly tables: readonly (Dimension | Fact)[];
}

/**
 * Finds the row that a table name and a key refer to. A source table selects all warehouse tables derived from it, a
 * fact or a dimension for itself alone.
 */
export function findSubject(model: Model, name = '', keyText = ''): Subject {
  const key = Number(keyText);
  if (!/^-?\d+$/.test(keyText) || !Number.isSafeInteger(key)) {
    throw new UsageError('The key is not valid: expected a whole number, the key of the row in the source.');
  }
  const derived = model.warehouse.filter((table): table is Dimension | Fact => table.kind !== 'calendar');
  const own = derived.find((table) => table.name === name || (table.kind === 'fact' && table.alias === name));
  if (own) return { source: findSourceTable(model, own.source), key, tables: [own] };
  const source = model.source.find((table) => table.name === name);
  if (source) return { source, key, tables: derived.filter((table) => table.source === name) };
  const names = [...model.source, ...derived].map((table) => table.name);
  throw new UsageError(`No table to explain has this name: expected one of ${names.join(', ')}.`);
}
