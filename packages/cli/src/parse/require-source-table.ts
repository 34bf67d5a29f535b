import type { Model, SourceTable } from '@totesys/schema';
import { UsageError } from '../process/usage-error.ts';

/** Returns the source table with this name; for another name the error lists all names. */
export function requireSourceTable(model: Model, name: string | undefined): SourceTable {
  const table = model.source.find((candidate) => candidate.name === name);
  if (table) return table;
  const names = model.source.map((candidate) => candidate.name);
  throw new UsageError(`No source table has this name: expected one of ${names.join(', ')}.`);
}
