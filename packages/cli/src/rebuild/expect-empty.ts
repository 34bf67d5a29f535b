import {
  type Connection,
  ErrorCode,
  hasRelation,
  inTransaction,
  ONE_SNAPSHOT,
  PipelineError,
  type Pool,
} from '@totesys/runtime';
import { type Model, warehouseRelation } from '@totesys/schema';
import { findLoadedBatch } from '@totesys/warehouse';

/** Throws unless the warehouse has nothing yet: no batch in its ledger, no row in any table of the model. */
export async function expectEmpty(warehouse: Pool, model: Model): Promise<void> {
  const batch = await findLoadedBatch(warehouse);
  if (batch > 0) {
    throw notEmpty(
      `its ledger ends with batch ${batch}`,
      'To go on from there (after a rebuild that was interrupted, too), run: totesys load (--until N). To build it anew, create an empty database and name it',
      { batch },
    );
  }
  const filled = await inTransaction(warehouse, ONE_SNAPSHOT, (sql) => findFilledTable(sql, model));
  if (filled !== undefined) {
    const remedy = 'Create an empty database and name that one';
    throw notEmpty(`table '${filled}' has rows that no batch of this lake brought`, remedy, { table: filled });
  }
}

async function findFilledTable(sql: Connection, model: Model): Promise<string | undefined> {
  for (const { name } of model.warehouse) {
    const relation = warehouseRelation(name);
    if (!(await hasRelation(sql, relation))) continue;
    const [row] = await sql.unsafe(`select exists (select from ${relation}) as filled`);
    if (row?.filled === true) return name;
  }
  return undefined;
}

function notEmpty(fault: string, remedy: string, context: Readonly<Record<string, unknown>>): PipelineError {
  return new PipelineError(
    ErrorCode.WAREHOUSE_NOT_EMPTY,
    `The warehouse is not empty: expected no batch and no row, but ${fault}. Nothing was touched. ${remedy} with --warehouse or WAREHOUSE_URL.`,
    { context },
  );
}
