import { type Connection, ErrorCode, PipelineError, query } from '@totesys/runtime';
import { currentView, factsOf, type Model, warehouseRelation } from '@totesys/schema';

/** The pipeline's own tables that the comparison and the check of the history read. */
const OWN_TABLES = ['etl.ledger', 'etl.deletion', 'etl.held'];

/**
 * Throws WAREHOUSE_UNFIT if the warehouse lacks a table or a view: nothing was ever loaded, or the table was
 * dropped.
 */
export async function requireTables(warehouse: Connection, model: Model): Promise<void> {
  const names = [...model.warehouse.map(({ name }) => name), ...factsOf(model).map(currentView)];
  const relations = [...names.map(warehouseRelation), ...OWN_TABLES];
  const missing = await query<{ name: string }>(warehouse, {
    text: 'select name from unnest($1::text[], $2::text[]) t (name, relation) where to_regclass(relation) is null',
    parameters: [[...names, ...OWN_TABLES], relations],
  });
  if (missing.length === 0) return;
  const lacking = missing.map(({ name }) => `'${name}'`).join(', ');
  const expected = 'expected every table and view of the model and of the pipeline';
  throw new PipelineError(ErrorCode.WAREHOUSE_UNFIT, `The warehouse lacks ${lacking}: ${expected}. Run: totesys load`, {
    context: { missing: missing.map(({ name }) => name) },
  });
}
