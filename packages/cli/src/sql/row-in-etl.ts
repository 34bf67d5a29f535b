import { type Connection, query } from '@totesys/runtime';

/** A deletion of a fact that the warehouse has recorded. */
export interface RecordedDeletion {
  readonly table: string;
  readonly deletedBatch: number;
  readonly restoredBatch: number | null;
}

const DELETIONS = `
  select fact as table, deleted_batch as "deletedBatch", restored_batch as "restoredBatch"
    from etl.deletion
   where fact = any ($1::text[]) and id = $2::bigint
   order by fact, deleted_batch`;

/** Reads the recorded deletions of the row with a key in some facts. */
export function readDeletions(
  sql: Connection,
  facts: readonly string[],
  key: number,
): Promise<readonly RecordedDeletion[]> {
  return query<RecordedDeletion>(sql, { text: DELETIONS, parameters: [facts, String(key)] });
}

/** A fact that waits in the warehouse for dimension rows. */
export interface HeldFact {
  readonly table: string;
  readonly batch: number;
  /** The columns whose dimension row is missing. */
  readonly missing: readonly string[];
}

const HELD = `
  select fact as table, batch, missing
    from etl.held
   where fact = any ($1::text[]) and id = $2::bigint
   order by fact`;

/** Reads the held facts with a key. */
export function readHeld(sql: Connection, facts: readonly string[], key: number): Promise<readonly HeldFact[]> {
  return query<HeldFact>(sql, { text: HELD, parameters: [facts, String(key)] });
}
