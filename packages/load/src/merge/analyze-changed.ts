import { execute, query, type Telemetry, type Transaction } from '@totesys/runtime';
import { historyRelation, latestTablesOf, type Model, warehouseRelation } from '@totesys/schema';
import { type ChangedRelations, selectChangedRelations } from '../sql/changed-relations.ts';

/** A table is analyzed if more than this share of its rows, and this many, changed: the defaults of autovacuum. */
const CHANGED_SHARE = 0.1;
const CHANGED_ROWS = 50;

const OWN_TABLES = ['etl.ledger', 'etl.deletion', 'etl.held', 'etl.first_batch'];

/**
 * Analyzes the tables without statistics and those that changed substantially since their statistics were gathered,
 * so that readers get statistics together with the rows. The server skips, with a warning, a table that is locked or
 * belongs to another role.
 */
export async function analyzeChanged(transaction: Transaction, model: Model, telemetry: Telemetry): Promise<void> {
  const histories = latestTablesOf(model).map(historyRelation);
  const tables = [...model.warehouse.map(({ name }) => warehouseRelation(name)), ...OWN_TABLES, ...histories];
  const statement = { text: selectChangedRelations, parameters: [tables, CHANGED_ROWS, CHANGED_SHARE] };
  const [changed] = await query<ChangedRelations>(transaction, statement);
  if (!changed?.relations) return;
  const { relations } = changed;
  try {
    await transaction.savepoint((inner) => execute(inner, { text: `analyze (skip_locked) ${relations}` }));
  } catch (error) {
    // The rows are right without statistics; the next batch gathers them.
    telemetry.warn('statistics:postponed', { relations, reason: (error as Error).message });
  }
}
