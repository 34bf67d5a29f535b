import type { Telemetry, Transaction } from '@totesys/runtime';
import { type Model, warehouseRelation } from '@totesys/schema';

/** Statistics are renewed from this share of a table's rows on, and from this many: as autovacuum does by default, but before the commit. */
const CHANGED_SHARE = 0.1;
const CHANGED_ROWS = 50;

const OWN_TABLES = ['etl.ledger', 'etl.deletion', 'etl.held'];

/**
 * Gathers statistics of the tables that this transaction, with those since the last time, has changed substantially, or for which there are
 * none. Readers have them with the rows. A table that is locked or belongs to another role keeps its old ones: the server warns of it.
 */
export async function analyzeChanged(sql: Transaction, model: Model, telemetry: Telemetry): Promise<void> {
  const relations = [...model.warehouse.map(({ name }) => warehouseRelation(name)), ...OWN_TABLES];
  const [changed] = await sql.unsafe(
    `select string_agg(relation::text, ', ') as relations
       from (select c.oid::regclass as relation, c.reltuples, pg_stat_get_mod_since_analyze(c.oid) as before,
                    pg_stat_get_xact_tuples_inserted(c.oid) + pg_stat_get_xact_tuples_updated(c.oid)
                      + pg_stat_get_xact_tuples_deleted(c.oid) as now
               from pg_class c where c.oid = any ($1::text[]::regclass[])) t
      where now > 0 and (reltuples <= 0 or now + before > greatest($2::bigint, $3::float8 * reltuples))`,
    [relations as unknown as string, CHANGED_ROWS, CHANGED_SHARE],
  );
  if (!changed?.relations) return;
  try {
    await sql.savepoint((inner) => inner.unsafe(`analyze (skip_locked) ${changed.relations}`));
  } catch (error) {
    // The rows are right without statistics; the next batch gathers them.
    telemetry.warn('statistics:postponed', { relations: changed.relations, reason: (error as Error).message });
  }
}
