import {
  type Connection,
  ErrorCode,
  inTransaction,
  PipelineError,
  type Pool,
  type Telemetry,
  WRITING,
} from '@totesys/runtime';
import { type Model, warehouseRelation } from '@totesys/schema';
import { type BeyondLedger, findBeyondLedger, readRecordIds } from '@totesys/warehouse';
import { describeHolder, tryLock } from './load-lock.ts';

/** What an adoption did: the last record id that it accepts of each fact with rows, or why it did nothing. */
export type Adoption =
  | { readonly outcome: 'adopted'; readonly lastRecordIds: Readonly<Record<string, number>> }
  | { readonly outcome: 'yielded'; readonly reason: string };

/**
 * Accepts the rows that the facts have before the first batch, and records it in `etl.adoption`. It needs the owner of these facts. A
 * warehouse that has batches adopts nothing.
 */
export function adopt(warehouse: Pool, model: Model, telemetry: Telemetry): Promise<Adoption> {
  return inTransaction(warehouse, WRITING, async (sql): Promise<Adoption> => {
    if (!(await tryLock(sql))) return { outcome: 'yielded', reason: await describeHolder(sql) };
    const { batch, highest } = await readRecordIds(sql, model);
    const found = batch > 0 ? [] : await findBeyondLedger(sql, model);
    if (found.length === 0) return { outcome: 'adopted', lastRecordIds: {} };
    await requireOwner(sql, found);
    await sql.unsafe('insert into etl.adoption (last_record_ids) values ($1::text::jsonb)', [JSON.stringify(highest)]);
    const lastRecordIds = Object.fromEntries(found.map((each) => [each.fact, each.highest]));
    telemetry.warn('warehouse:adopted', lastRecordIds);
    return { outcome: 'adopted', lastRecordIds };
  });
}

async function requireOwner(sql: Connection, found: readonly BeyondLedger[]): Promise<void> {
  const [foreign] = await sql.unsafe(
    `select relname as name, pg_get_userbyid(relowner) as owner, current_user as role from pg_class
      where oid = any ($1::text[]::regclass[]) and not pg_has_role(relowner, 'usage')`,
    [found.map(({ fact }) => warehouseRelation(fact)) as unknown as string],
  );
  if (!foreign) return;
  throw new PipelineError(
    ErrorCode.WAREHOUSE_FORBIDDEN,
    `Role '${foreign.role}' does not own table 'public.${foreign.name}': expected its owner '${foreign.owner}' to accept the rows that were there before the first batch. Run totesys load --adopt with the owner's URL.`,
    { context: { table: foreign.name } },
  );
}
