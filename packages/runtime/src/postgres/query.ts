import { type Parameter, type Runner, send } from './driver.ts';

export type { Parameter, Runner } from './driver.ts';

/** A statement: its text, and the values of `$1`, `$2` and so on, which are never part of the text. */
export interface Statement {
  readonly text: string;
  readonly parameters?: readonly Parameter[];
}

/** Runs a statement and returns its rows. `Row` is not checked at run time: declare it beside the statement. */
export async function query<Row extends object>(
  runner: Runner,
  { text, parameters }: Statement,
): Promise<readonly Row[]> {
  return send<Row>(runner, text, parameters);
}

/**
 * Runs a statement for its effect and returns the number of rows that it changed. Without parameters, the text may
 * contain several statements.
 */
export async function execute(runner: Runner, { text, parameters }: Statement): Promise<number> {
  const { count } = await send(runner, text, parameters);
  return count;
}
