import type postgres from 'postgres';
import type { Connection, Sql } from './pool.ts';

/** What runs a statement: a connection, or a pool whose statements need none of our settings. */
export type Runner = Connection | Sql;

/** A value of a parameter; a list becomes an array, whose type the statement names, as in `$1::text[]`. */
export type Parameter = string | number | bigint | boolean | null | Uint8Array | readonly string[] | readonly number[];

/**
 * Hands a statement to the driver; no other file of the pipeline does. Without parameters, the text may contain several
 * statements.
 */
export function send<Row extends object>(
  runner: Pick<postgres.Sql, 'unsafe'> | Runner,
  text: string,
  parameters: readonly Parameter[] = [],
): postgres.PendingQuery<Row[]> {
  // The driver's types accept arrays only from its own helper; at run time it accepts them as they are.
  return (runner as Pick<postgres.Sql, 'unsafe'>).unsafe<Row[]>(text, [...parameters] as never[]);
}
