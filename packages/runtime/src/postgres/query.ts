import type { Connection } from './pool.ts';

/** A value of a parameter; a list becomes an array, whose type the statement names, as in `$1::text[]`. */
export type Parameter = string | number | bigint | boolean | null | Uint8Array | readonly string[] | readonly number[];

/** A statement: its text, and the values of `$1`, `$2` and so on, which are never part of the text. */
export interface Statement {
  readonly text: string;
  readonly parameters?: readonly Parameter[];
}

/** Runs a statement and returns its rows. `Row` is not checked at run time: declare it beside the statement. */
export async function query<Row extends object>(connection: Connection, statement: Statement): Promise<readonly Row[]> {
  return connection.unsafe<Row[]>(statement.text, toDriver(statement));
}

/** Runs a statement, or without parameters several, for its effect; returns the number of rows that it changed. */
export async function execute(connection: Connection, statement: Statement): Promise<number> {
  const { count } = await connection.unsafe(statement.text, toDriver(statement));
  return count;
}

// The driver's types know arrays only where its own helper makes them; at run time it takes them as they are.
function toDriver({ parameters = [] }: Statement): never[] {
  return [...parameters] as never[];
}
