import { createHash } from 'node:crypto';
import { type Connection, query, type Sql } from '@totesys/runtime';
import {
  historyRelation,
  latestTablesOf,
  quoteIdentifier,
  totesysModel,
  type WarehouseTable,
  warehouseRelation,
} from '@totesys/schema';

/**
 * The content of a warehouse: its newest batch, and a fingerprint of all rows without record ids, which a killed load
 * may skip.
 */
export interface WarehouseState {
  readonly batch: number;
  readonly content: string;
}

/** Reads a warehouse's state under one snapshot, because a killed load may commit at any moment. */
export function readWarehouseState(sql: Sql): Promise<WarehouseState> {
  return sql.begin('isolation level repeatable read read only', readState) as Promise<WarehouseState>;
}

// A warehouse without tables equals one with empty tables.
async function readState(sql: Connection): Promise<WarehouseState> {
  const [found] = await sql`
    select to_regclass('etl.migration') is not null as migrated, count(*)::int as tables
      from pg_tables where schemaname in ('public', 'etl')`;
  if (found?.migrated !== true) return { batch: 0, content: found?.tables === 0 ? EMPTY : 'half migrated' };
  const [ledger] = await sql`select coalesce(max(batch), 0)::int as batch from etl.ledger`;
  return { batch: ledger?.batch, content: await fingerprint(sql) };
}

/** The fingerprint of no rows. */
const EMPTY = createHash('md5').update('').digest('hex');

async function fingerprint(sql: Connection): Promise<string> {
  const tables = totesysModel.warehouse.map(
    (table) => `select '${table.name}' as table, to_jsonb(t) - '${recordOf(table)}' as row, ${orderOf(table)} as at
                  from ${warehouseRelation(table.name)} t`,
  );
  // The migration begins the history of each dimension with an entry without a batch.
  const firsts = '(select * from etl.first_batch where batch is not null)';
  const histories = latestTablesOf(totesysModel).map(historyRelation);
  const own = ['etl.deletion', 'etl.held', firsts, ...histories].map(
    (rows, at) => `select '${at}', to_jsonb(t), row_number() over (order by t::text) from ${rows} t`,
  );
  const text = `select md5(coalesce(string_agg(r."table" || r.row::text, ',' order by r."table", r.at), '')) as content
       from (${[...tables, ...own].join(' union all ')}) r`;
  const [row] = await query<{ content: string }>(sql, { text });
  return row!.content;
}

function recordOf(table: WarehouseTable): string {
  return table.kind === 'fact' ? table.recordId : '';
}

function orderOf(table: WarehouseTable): string {
  return `row_number() over (order by t.${quoteIdentifier(table.kind === 'fact' ? table.recordId : table.key)})`;
}
