import { type Fact, quoteIdentifier, quoteIdentifiers, type WarehouseTable, warehouseRelation } from '@totesys/schema';

/** Returns the temporary table that takes a table's rows of the batch until they are merged. */
export function stagingOf(table: string): string {
  return `pg_temp.${quoteIdentifier(stagingName(table))}`;
}

/** Returns the temporary table that takes the ids of a fact's deleted rows. */
export function deletedStagingOf(fact: Fact): string {
  return stagingOf(`deleted_${fact.name}`);
}

/** Creates the staging of a table: its columns without constraints. It is dropped with the transaction. */
export function createStaging(table: WarehouseTable): string {
  return `create temporary table ${quoteIdentifier(stagingName(table.name))} on commit drop as
    select ${columnList(table)} from ${warehouseRelation(table.name)} with no data`;
}

/** Creates the staging of a fact's deleted ids. */
export function createDeletedStaging(fact: Fact): string {
  return `create temporary table ${quoteIdentifier(stagingName(`deleted_${fact.name}`))} on commit drop as
    select ${quoteIdentifier(fact.key)} from ${warehouseRelation(fact.name)} with no data`;
}

/** Copies rows into a table, or into its staging. */
export function copyInto(relation: string, table: WarehouseTable): string {
  return `copy ${relation} (${columnList(table)}) from stdin (format binary)`;
}

/** Copies rows into a fact, each with its record id before its columns. */
export function copyNumberedInto(fact: Fact): string {
  const columns = `${quoteIdentifier(fact.recordId)}, ${columnList(fact)}`;
  return `copy ${warehouseRelation(fact.name)} (${columns}) from stdin (format binary)`;
}

/** Copies deleted ids into their staging. */
export function copyDeletedIds(fact: Fact): string {
  return `copy ${deletedStagingOf(fact)} (${quoteIdentifier(fact.key)}) from stdin (format binary)`;
}

/** Returns the columns that a batch brings for a table, as a list; `alias` qualifies each. */
export function columnList(table: WarehouseTable, alias?: string): string {
  return quoteIdentifiers(
    table.columns.map(({ name }) => name),
    alias,
  );
}

function stagingName(table: string): string {
  return `stage_${table}`;
}
