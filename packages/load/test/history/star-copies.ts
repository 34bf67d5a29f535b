import type { TestDatabase } from '@totesys/sandbox';
import { factsOf, latestTablesOf, totesysModel } from '@totesys/schema';

/** The star by table: each row as exact text, in order. */
export type Star = Readonly<Record<string, readonly string[]>>;

/** A copy of the star as the warehouse showed it when `batch` was the newest. */
export interface StarCopy {
  readonly batch: number;
  readonly star: Star;
}

// Every column as the text that Postgres writes, by its name: the order of the columns does not matter.
async function readStar({ sql }: TestDatabase, relationOf: (table: string, isFact: boolean) => string): Promise<Star> {
  const star: Record<string, string[]> = {};
  const read = async (table: string, isFact: boolean) => {
    const rows = await sql.unsafe(`select to_jsonb(t)::text as row from ${relationOf(table, isFact)} t order by 1`);
    star[table] = rows.map(({ row }) => row);
  };
  for (const { name } of latestTablesOf(totesysModel)) await read(name, false);
  for (const { name } of factsOf(totesysModel)) await read(name, true);
  return star;
}

/** Copies the star that the warehouse shows now. */
export async function copyStar(database: TestDatabase): Promise<StarCopy> {
  const [head] = await database.sql`select max(batch) as batch from etl.ledger`;
  return {
    batch: head!.batch,
    star: await readStar(database, (table, isFact) => (isFact ? `current_${table}` : table)),
  };
}

/** Expects each copy to be what the functions say that the warehouse showed as of its batch. */
export async function expectAsOf(database: TestDatabase, copies: readonly StarCopy[]): Promise<void> {
  for (const { batch, star } of copies) {
    const found = await readStar(database, (table) => `${table}_as_of(${batch})`);
    for (const [table, rows] of Object.entries(star)) {
      const at = { batch, table };
      const differs = rows.findIndex((row, i) => row !== found[table]![i]);
      expect({ ...at, row: found[table]![differs] }).toEqual({ ...at, row: rows[differs] });
      expect({ ...at, rows: found[table]!.length }).toEqual({ ...at, rows: rows.length });
    }
  }
}
