import type { WarehouseFunction } from '@totesys/schema';

/** A function as the warehouse has it: its text, and the names of its arguments and of the columns that it returns. */
export interface FunctionRow {
  readonly body: string;
  readonly names: readonly string[];
}

/** Selects function $1; no row without it. */
export const selectFunction = `select prosrc as body, coalesce(proargnames, '{}') as names
    from pg_proc where oid = to_regprocedure($1::text)`;

/** Drops a function. */
export function dropFunction({ signature }: WarehouseFunction): string {
  return `drop function ${signature}`;
}
