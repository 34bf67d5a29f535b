import { type Dimension, type Fact, findSourceTable, type Model, type SourceTable } from '@totesys/schema';
import { UsageError } from '../process/usage-error.ts';

/** The row that is explained: its source table and key, and the warehouse tables in which it shows. */
export interface Subject {
  readonly source: SourceTable;
  readonly key: number;
  readonly tables: readonly (Dimension | Fact)[];
}

/** The subject of a name and a key as a person writes them: a source table's, which shows wherever it is derived from, or a fact's or a dimension's. */
export function findSubject(model: Model, name = '', keyText = ''): Subject {
  const key = Number(keyText);
  if (!/^-?\d+$/.test(keyText) || !Number.isSafeInteger(key)) {
    throw new UsageError('That is no key: expected a whole number, the id of the row in the source.');
  }
  const derived = model.warehouse.filter((table): table is Dimension | Fact => table.kind !== 'calendar');
  const own = derived.find((table) => table.name === name || (table.kind === 'fact' && table.alias === name));
  if (own) return { source: findSourceTable(model, own.source), key, tables: [own] };
  const source = model.source.find((table) => table.name === name);
  if (source) return { source, key, tables: derived.filter((table) => table.source === name) };
  const names = [...model.source, ...derived].map((table) => table.name);
  throw new UsageError(`There is no table of that name to explain: expected one of ${names.join(', ')}.`);
}
