import { ErrorCode, inTransaction, ONE_SNAPSHOT, PipelineError, type Pool } from '@totesys/runtime';
import type { Model } from '@totesys/schema';
import { findLoadedBatch } from '@totesys/warehouse';
import { findFilledTable } from '../sql/filled-table.ts';

/** Throws unless the warehouse is empty: no batch in its ledger and no row in any table of the model. */
export async function expectEmpty(warehouse: Pool, model: Model): Promise<void> {
  const batch = await findLoadedBatch(warehouse);
  if (batch > 0) {
    throw notEmpty(
      `its ledger ends with batch ${batch}`,
      'To continue from there, also after an interrupted rebuild, run: totesys load (--until N). ' +
        'To build the warehouse from the start, create an empty database and name it',
      { batch },
    );
  }
  const table = await inTransaction(warehouse, ONE_SNAPSHOT, (sql) => findFilledTable(sql, model));
  if (table !== undefined) {
    throw notEmpty(
      `table '${table}' has rows that no batch of this lake brought`,
      'Create an empty database and name it',
      { table },
    );
  }
}

function notEmpty(fault: string, remedy: string, context: Readonly<Record<string, unknown>>): PipelineError {
  return new PipelineError(
    ErrorCode.WAREHOUSE_NOT_EMPTY,
    `The warehouse is not empty: expected no batch and no row, but ${fault}. Nothing was changed. ` +
      `${remedy} with --warehouse or WAREHOUSE_URL.`,
    { context },
  );
}
