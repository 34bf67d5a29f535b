import {
  type Connection,
  ErrorCode,
  execute,
  inTransaction,
  PipelineError,
  type Pool,
  query,
  type Telemetry,
  WRITING,
} from '@totesys/runtime';
import { type Model, warehouseRelation } from '@totesys/schema';
import { type BeyondLedger, findBeyondLedger, readRecordIds } from '@totesys/warehouse';
import { type ForeignTable, insertAdoption, selectForeignTables } from '../sql/adoption.ts';
import { describeHolder, tryLoadLock } from './load-lock.ts';

/** The result of an adoption: the last accepted record id of each fact with rows, or the reason to yield. */
export type Adoption =
  | { readonly outcome: 'adopted'; readonly lastRecordIds: Readonly<Record<string, number>> }
  | { readonly outcome: 'yielded'; readonly reason: string };

/**
 * Accepts the rows that the facts have before the first batch, and records them in `etl.adoption`. The role must own
 * these facts. A warehouse with batches adopts nothing.
 */
export function adopt(warehouse: Pool, model: Model, telemetry: Telemetry): Promise<Adoption> {
  return inTransaction(warehouse, WRITING, async (transaction): Promise<Adoption> => {
    if (!(await tryLoadLock(transaction))) return { outcome: 'yielded', reason: await describeHolder(transaction) };
    const { batch, highest } = await readRecordIds(transaction, model);
    const found = batch > 0 ? [] : await findBeyondLedger(transaction, model);
    if (found.length === 0) return { outcome: 'adopted', lastRecordIds: {} };
    await requireOwner(transaction, found);
    await execute(transaction, { text: insertAdoption, parameters: [JSON.stringify(highest)] });
    const lastRecordIds = Object.fromEntries(found.map((each) => [each.fact, each.highest]));
    telemetry.warn('warehouse:adopted', lastRecordIds);
    return { outcome: 'adopted', lastRecordIds };
  });
}

async function requireOwner(connection: Connection, found: readonly BeyondLedger[]): Promise<void> {
  const tables = found.map(({ fact }) => warehouseRelation(fact));
  const [foreign] = await query<ForeignTable>(connection, { text: selectForeignTables, parameters: [tables] });
  if (!foreign) return;
  throw new PipelineError(
    ErrorCode.WAREHOUSE_FORBIDDEN,
    `Role '${foreign.role}' does not own table 'public.${foreign.name}': ` +
      `expected its owner '${foreign.owner}' to accept the rows from before the first batch. ` +
      "Run totesys load --adopt with the owner's URL.",
    { context: { table: foreign.name } },
  );
}
