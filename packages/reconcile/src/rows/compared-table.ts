import type { Dimension, Fact } from '@totesys/schema';
import { type CellKind, cellText, type Hashing, hashCell, hashRow } from '../sql/cell.ts';

/** The longest text of a value that is shown, in characters. */
const SHOWN_CHARACTERS = 1_000;
/** Of a value's SHA-256 so many hexadecimal digits are shown where the value is not. */
const SHOWN_DIGITS = 16;

/** Rows of one side in SQL. `select` gives, for those that `where` lets through, `k` (the key, bigint), `c0`, `c1` … and `broken`. */
export interface Rows {
  readonly select: (where: string) => string;
  /** The key as `where` may use it, with the index that it has. */
  readonly key: string;
  /** Gives `first` and `last`: bounds within which all keys lie. */
  readonly bounds: Statement;
  /** Bind parameters of `select`, from $1. */
  readonly parameters: readonly unknown[];
}

/** A warehouse table with the rows that it should have, on the source, and those that it has. */
export interface ComparedTable {
  readonly name: string;
  /** What its rows come from; the calendar's come from no row of the source. */
  readonly origin: Dimension | Fact | undefined;
  readonly columns: readonly { readonly name: string; readonly kind: CellKind }[];
  readonly expected: Rows;
  readonly actual: Rows;
  /** Whether rows that the source no longer has are kept: the history of facts refers to dimensions. */
  readonly keepsRows: boolean;
  /** The keys of rows that the source cannot compute: they are compared on neither side. Found on the way. */
  readonly unreadable: Set<number>;
  /** How differences name a key. */
  readonly describeKey: (key: number) => number | string;
}

/** A statement with its bind parameters. */
export interface Statement {
  readonly text: string;
  readonly parameters: readonly unknown[];
}

/** Count and checksum of the rows in each of the buckets, `step` keys wide, from `first` to `last`. */
export function selectChecksums(
  table: ComparedTable,
  rows: Rows,
  range: { first: number; last: number; step: number },
  hashing: Hashing,
): Statement {
  const { where, parameters } = whereSelected(table, rows, range);
  const [first] = placeholders(rows, ['bigint']);
  const step = `$${rows.parameters.length + parameters.length + 1}::bigint`;
  return {
    text: `select ((r.k - ${first}) / ${step})::integer as bucket, count(*)::text as rows, sum(${rowHash(table, hashing)})::text as checksum
      from (${rows.select(where)}) r group by 1`,
    parameters: [...rows.parameters, ...parameters, range.step],
  };
}

/** Which rows a statement reads: keys from the first to the last, or just the given ones. */
export type Selection = { readonly first: number; readonly last: number } | { readonly keys: readonly number[] };

/** The key and the hash of each selected row, in the keys' order. */
export function selectRowHashes(table: ComparedTable, rows: Rows, selection: Selection, hashing: Hashing): Statement {
  const { where, parameters } = whereSelected(table, rows, selection);
  return {
    text: `select r.k::text as key, (${rowHash(table, hashing)})::text as hash from (${rows.select(where)}) r order by r.k`,
    parameters: [...rows.parameters, ...parameters],
  };
}

/**
 * Each cell of the rows with the given keys as hash (`h0` …) and as it is shown (`t0` …): the value or its SHA-256, shortened either
 * way.
 */
export function selectCells(
  table: ComparedTable,
  rows: Rows,
  keys: readonly number[],
  hashing: Hashing,
  showValues: boolean,
): Statement {
  const { where, parameters } = whereSelected(table, rows, { keys });
  const cells = cellHashes(table, hashing).map((hash, i) => {
    const text = cellText(table.columns[i]!.kind, `r.c${i}`);
    const shown = showValues
      ? `left(${text}, ${SHOWN_CHARACTERS})`
      : `left(encode(sha256(convert_to(${text}, 'UTF8')), 'hex'), ${SHOWN_DIGITS})`;
    return `(${hash})::text as h${i}, ${shown} as t${i}`;
  });
  return {
    text: `select r.k::text as key, ${cells.join(', ')} from (${rows.select(where)}) r`,
    parameters: [...rows.parameters, ...parameters],
  };
}

/** Those of the given keys whose rows break the contract. */
export function selectBroken(table: ComparedTable, rows: Rows, keys: readonly number[]): Statement {
  const { where, parameters } = whereSelected(table, rows, { keys });
  return {
    text: `select r.k::text as key from (${rows.select(where)}) r where r.broken`,
    parameters: [...rows.parameters, ...parameters],
  };
}

/** Computes all of the selected rows and counts them. */
export function selectComputed(table: ComparedTable, rows: Rows, selection: Selection, hashing: Hashing): Statement {
  const { where, parameters } = whereSelected(table, rows, selection);
  return {
    text: `select count(${rowHash(table, hashing)}) + count(r.broken) as computed from (${rows.select(where)}) r`,
    parameters: [...rows.parameters, ...parameters],
  };
}

function rowHash(table: ComparedTable, hashing: Hashing): string {
  return hashRow(cellHashes(table, hashing));
}

function cellHashes({ columns }: ComparedTable, hashing: Hashing): string[] {
  return columns.map(({ kind }, i) => hashCell(kind, `r.c${i}`, 'r.k', i, hashing));
}

function whereSelected(
  { unreadable }: ComparedTable,
  rows: Rows,
  selection: Selection,
): { where: string; parameters: unknown[] } {
  const [types, values] =
    'keys' in selection
      ? [['bigint[]'], [`{${selection.keys.join(',')}}`]]
      : [
          ['bigint', 'bigint'],
          [selection.first, selection.last],
        ];
  const [first, last] = placeholders(rows, types);
  const where = 'keys' in selection ? `${rows.key} = any (${first})` : `${rows.key} between ${first} and ${last}`;
  if (unreadable.size === 0) return { where, parameters: values };
  const without = `$${rows.parameters.length + values.length + 1}::bigint[]`;
  return {
    where: `${where} and not ${rows.key} = any (${without})`,
    parameters: [...values, `{${[...unreadable].join(',')}}`],
  };
}

function placeholders(rows: Rows, types: readonly string[]): string[] {
  return types.map((type, i) => `$${rows.parameters.length + i + 1}::${type}`);
}
