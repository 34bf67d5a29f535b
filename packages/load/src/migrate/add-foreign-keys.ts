import { query, SqlState, sqlStateOf } from '@totesys/runtime';
import { addForeignKey, type Fact, foreignKeysOf, type Model, warehouseRelation } from '@totesys/schema';
import { warehouseUnfit } from '../errors/warehouse-unfit.ts';
import { type ForeignKeyRow, selectForeignKeys, validateConstraint } from '../sql/foreign-keys.ts';
import type { Migration } from './migration.ts';

/** Adds the foreign keys that a fact lacks, and validates those that are not valid. Names do not matter. */
export async function addMissingForeignKeys(migration: Migration, model: Model, fact: Fact): Promise<void> {
  const statement = { text: selectForeignKeys, parameters: [warehouseRelation(fact.name)] };
  const present = await query<ForeignKeyRow>(migration.connection, statement);
  for (const key of foreignKeysOf(model, fact)) {
    const found = present.find(({ column, references }) => column === key.column && references === key.references);
    if (found?.validated) continue;
    try {
      await migration.take({
        relation: `public.${fact.name}`,
        change: `${found ? 'validate' : 'add'} foreign key '${found?.name ?? key.name}'`,
        statement: found ? validateConstraint(fact.name, found.name) : addForeignKey(key),
      });
    } catch (error) {
      if (sqlStateOf(error) !== SqlState.foreignKeyViolation) throw error;
      const fault = `column '${key.column}' refers to rows that '${key.references}' lacks`;
      throw warehouseUnfit(fact.name, fault, 'a row for each', 'none for some');
    }
  }
}
