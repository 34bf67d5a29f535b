import { type Connection, query } from '@totesys/runtime';
import { type Fact, warehouseRelation } from '@totesys/schema';
import { warehouseUnfit } from '../errors/warehouse-unfit.ts';
import { selectUniqueIndexes, type UniqueIndexRow } from '../sql/unique-indexes.ts';

/** Throws if a unique index on columns of the model prevents a second version: versions of one row repeat values. */
export async function checkVersions(connection: Connection, fact: Fact): Promise<void> {
  const statement = { text: selectUniqueIndexes, parameters: [warehouseRelation(fact.name)] };
  const ours = new Set(fact.columns.map(({ name }) => name));
  for (const { name, columns } of await query<UniqueIndexRow>(connection, statement)) {
    if (!columns.every((column) => ours.has(column))) continue;
    const fault = `unique '${name}' allows one row for each ${columns.join(', ')}`;
    throw warehouseUnfit(fact.name, fault, 'as many as there are versions', 'one');
  }
}
