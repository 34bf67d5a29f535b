import { type Connection, hasRelation, query } from '@totesys/runtime';
import { type Model, warehouseRelation } from '@totesys/schema';

/** A batch as the ledger of the warehouse has it. */
export interface LoadedBatch {
  readonly batch: number;
  readonly sourceClock: string;
  /** Milliseconds since 1970, by the warehouse's clock. */
  readonly loadedMs: number;
  readonly rows: number;
}

const LOADED = `
  select batch, source_clock as "sourceClock", rows::float8 as rows,
         floor(extract(epoch from loaded_at) * 1000)::float8 as "loadedMs"
    from etl.ledger where batch >= $1::integer order by batch`;

/** Reads the batches of the ledger from batch `first` on; none before the first migration. */
export async function readLoadedBatches(sql: Connection, first: number): Promise<readonly LoadedBatch[]> {
  if (!(await hasRelation(sql, 'etl.ledger'))) return [];
  return query<LoadedBatch>(sql, { text: LOADED, parameters: [first] });
}

const ESTIMATES = `
  select r.name as "table", nullif(c.reltuples, -1)::float8 as rows
    from unnest($1::text[], $2::text[]) with ordinality r(name, relation, place)
    join pg_class c on c.oid = to_regclass(r.relation)
   order by r.place`;

/** Reads how many rows Postgres estimates in each table of the star schema; null before the first analyze. */
export function readEstimates(
  sql: Connection,
  model: Model,
): Promise<readonly { readonly table: string; readonly rows: number | null }[]> {
  const names = model.warehouse.map(({ name }) => name);
  return query(sql, { text: ESTIMATES, parameters: [names, names.map(warehouseRelation)] });
}
