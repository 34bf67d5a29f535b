import type { Statement } from '@totesys/runtime';
import type { ComparedTable } from '../rows/compared-table.ts';
import { cellText, hashCell, hashRow } from './cell.ts';
import { arrayOfKeys, ParameterList, type SideRows } from './side-rows.ts';

/** The longest text of a value that a report shows: characters. */
const SHOWN_CHARACTERS = 1_000;
/** How many hexadecimal digits of a value's SHA-256 a report shows where it does not show the value. */
const SHOWN_DIGITS = 16;

/** Keys from the first to the last, both included. */
export interface KeyRange {
  readonly first: number;
  readonly last: number;
}

/** The rows that a statement reads: a range of keys, or the given keys. */
export type Selection = KeyRange | { readonly keys: readonly number[] };

/** Count and checksum of the rows in one bucket of keys. */
export interface ChecksumRow {
  readonly bucket: number;
  readonly rows: string;
  readonly checksum: string;
}

/** Selects count and checksum for each bucket of `step` keys, from `first` to `last`. */
export function selectChecksums(table: ComparedTable, rows: SideRows, range: KeyRange & { step: number }): Statement {
  const parameters = new ParameterList(rows.parameters);
  const first = parameters.bind(range.first, 'bigint');
  const last = parameters.bind(range.last, 'bigint');
  const where = `${rows.key} between ${first} and ${last}${exceptUnreadable(table, rows, parameters)}`;
  const step = parameters.bind(range.step, 'bigint');
  const text = `
select ((r.k - ${first}) / ${step})::integer as bucket, count(*)::text as rows, sum(${rowHash(table)})::text as checksum
  from (${rows.select(where)}) r group by 1`;
  return { text, parameters: parameters.values };
}

/** Key and hash of one row. */
export interface RowHashRow {
  readonly key: string;
  readonly hash: string;
}

/** Selects the key and the hash of each row of the selection, in the order of the keys. */
export function selectRowHashes(table: ComparedTable, rows: SideRows, selection: Selection): Statement {
  const { from, parameters } = selectFrom(table, rows, selection);
  return { text: `select r.k::text as key, (${rowHash(table)})::text as hash from ${from} order by r.k`, parameters };
}

/** The cells of one row: the hashes `h0` … and the texts `t0` …. */
export interface CellsRow {
  readonly key: string;
  readonly [cell: `${'h' | 't'}${number}`]: string | null;
}

/**
 * Selects each cell of the rows with the given keys, as its hash and as a report shows it: the value or its SHA-256,
 * both shortened.
 */
export function selectCells(
  table: ComparedTable,
  rows: SideRows,
  keys: readonly number[],
  showValues: boolean,
): Statement {
  const { from, parameters } = selectFrom(table, rows, { keys });
  const cells = cellHashes(table).map((hash, i) => {
    const text = cellText(table.columns[i]!.kind, `r.c${i}`);
    const shown = showValues
      ? `left(${text}, ${SHOWN_CHARACTERS})`
      : `left(encode(sha256(convert_to(${text}, 'UTF8')), 'hex'), ${SHOWN_DIGITS})`;
    return `(${hash})::text as h${i}, ${shown} as t${i}`;
  });
  return { text: `select r.k::text as key, ${cells.join(', ')} from ${from}`, parameters };
}

/** Selects which of the given keys have a row that breaks the contract, as `key`. */
export function selectBroken(table: ComparedTable, rows: SideRows, keys: readonly number[]): Statement {
  const { from, parameters } = selectFrom(table, rows, { keys });
  return { text: `select r.k::text as key from ${from} where r.broken`, parameters };
}

/** Computes every row of the selection and returns only their number: it fails where the server cannot compute one. */
export function selectComputed(table: ComparedTable, rows: SideRows, selection: Selection): Statement {
  const { from, parameters } = selectFrom(table, rows, selection);
  return { text: `select count(${rowHash(table)}) + count(r.broken) as computed from ${from}`, parameters };
}

function selectFrom(table: ComparedTable, rows: SideRows, selection: Selection) {
  const parameters = new ParameterList(rows.parameters);
  const selected = `${rows.key} ${whereSelected(selection, parameters)}`;
  const where = `${selected}${exceptUnreadable(table, rows, parameters)}`;
  return { from: `(${rows.select(where)}) r`, parameters: parameters.values };
}

function whereSelected(selection: Selection, parameters: ParameterList): string {
  if ('keys' in selection) return `= any (${parameters.bind(arrayOfKeys(selection.keys), 'bigint[]')})`;
  const first = parameters.bind(selection.first, 'bigint');
  return `between ${first} and ${parameters.bind(selection.last, 'bigint')}`;
}

function exceptUnreadable({ unreadable }: ComparedTable, { key }: SideRows, parameters: ParameterList): string {
  if (unreadable.size === 0) return '';
  return ` and not ${key} = any (${parameters.bind(arrayOfKeys(unreadable), 'bigint[]')})`;
}

function rowHash(table: ComparedTable): string {
  return hashRow(cellHashes(table));
}

function cellHashes({ columns, hashing }: ComparedTable): string[] {
  return columns.map(({ kind }, column) => hashCell({ kind, value: `r.c${column}`, key: 'r.k', column }, hashing));
}
