import type { Parameter, Statement } from '@totesys/runtime';

/** The rows of a table on one side, in SQL. */
export interface SideRows {
  /**
   * Returns the query of the rows for which `where` is true: `k` (the key, bigint), `c0`, `c1` … (the cells) and
   * `broken` (whether the row breaks the contract).
   */
  readonly select: (where: string) => string;
  /** The expression for the key in `where`, in the form for which Postgres can use the key's index. */
  readonly key: string;
  /** Selects `first` and `last`: bounds of all keys, null for no row. */
  readonly bounds: Statement;
  /** The parameters of `select`, from $1. */
  readonly parameters: readonly Parameter[];
}

/** The row that `bounds` selects. */
export interface BoundsRow {
  readonly first: string | null;
  readonly last: string | null;
}

/** Collects the parameters of a statement, after those of the rows that it selects from. */
export class ParameterList {
  readonly values: Parameter[];

  constructor(before: readonly Parameter[] = []) {
    this.values = [...before];
  }

  /** Adds a value and returns its placeholder with a cast to its type. */
  bind(value: Parameter, type: string): string {
    return `$${this.values.push(value)}::${type}`;
  }
}

/** Returns keys as the text of a Postgres array. */
export function arrayOfKeys(keys: Iterable<number>): string {
  return `{${[...keys].join(',')}}`;
}
