import { type Connection, ErrorCode, PipelineError } from '@totesys/runtime';
import { currentView, factsOf, type Model, warehouseRelation } from '@totesys/schema';

/** The pipeline's own tables that a comparison and the history rest on. */
const OWN_TABLES = ['etl.ledger', 'etl.deletion', 'etl.held'];

/** Throws where the warehouse lacks a table or a view: nothing was ever loaded, or somebody dropped it. */
export async function expectTables(warehouse: Connection, model: Model): Promise<void> {
  const names = [...model.warehouse.map(({ name }) => name), ...factsOf(model).map(currentView)];
  const relations = [...names.map(warehouseRelation), ...OWN_TABLES];
  const rows = await warehouse.unsafe(
    'select name from unnest($1::text[], $2::text[]) t (name, relation) where to_regclass(relation) is null',
    [[...names, ...OWN_TABLES] as unknown as string, relations as unknown as string],
  );
  if (rows.length === 0) return;
  throw new PipelineError(
    ErrorCode.WAREHOUSE_UNFIT,
    `The warehouse lacks ${rows.map(({ name }) => `'${name}'`).join(', ')}: expected every table and view of the model and of the pipeline. Run: totesys load`,
    { context: { missing: rows.map(({ name }) => name) } },
  );
}
