import type { Model, SourceTable } from '@totesys/schema';
import { UsageError } from '../process/usage-error.ts';

/** The source table of that name; any other is a `UsageError` that names those there are. */
export function requireSourceTable(model: Model, name: string | undefined): SourceTable {
  const table = model.source.find((candidate) => candidate.name === name);
  if (table) return table;
  const names = model.source.map((candidate) => candidate.name);
  throw new UsageError(`There is no source table of that name: expected one of ${names.join(', ')}.`);
}
