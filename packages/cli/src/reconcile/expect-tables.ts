import { type Connection, ErrorCode, PipelineError } from '@totesys/runtime';
import { currentView, factsOf, type Model, warehouseRelation } from '@totesys/schema';

/** Throws where the warehouse lacks a table or a view of the model, and with them the schema that they rest on: nothing was ever loaded. */
export async function expectTables(warehouse: Connection, model: Model): Promise<void> {
  const names = [...model.warehouse.map(({ name }) => name), ...factsOf(model).map(currentView)];
  const rows = await warehouse.unsafe(
    'select name from unnest($1::text[], $2::text[]) t (name, relation) where to_regclass(relation) is null',
    [names as unknown as string, names.map(warehouseRelation) as unknown as string],
  );
  if (rows.length === 0) return;
  throw new PipelineError(
    ErrorCode.WAREHOUSE_UNFIT,
    `The warehouse lacks ${rows.map(({ name }) => `'${name}'`).join(', ')}: expected every table and view of the model. Run: totesys load`,
    { context: { missing: rows.map(({ name }) => name) } },
  );
}
