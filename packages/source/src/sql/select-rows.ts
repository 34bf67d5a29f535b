import { quoteIdentifier, quoteIdentifiers, type SourceTable } from '@totesys/schema';
import type { FenceWindow } from '../snapshot/fence.ts';

/** Which rows of a table a statement reads; what is left out does not narrow. Values come from settings, as COPY takes no parameters. */
export interface RowSelection {
  /** Only rows whose transaction is in the fence's window. */
  readonly inWindow?: boolean;
  /** Only keys above the setting `totesys.after`. */
  readonly after?: number;
  /** Only keys up to the setting `totesys.through`. */
  readonly through?: number;
  /** Only rows that hold one of the given keys in this column. */
  readonly keysIn?: { readonly column: string; readonly keys: readonly number[] };
  /** No rows with these keys: the server fails to read them. */
  readonly without?: readonly number[];
}

const FENCE_LOW = setting('fence_low', 'bigint');
const FENCE_SPAN = setting('fence_span', 'bigint');
// Modulo 2³², see FenceWindow; the cast through text keeps parallel workers, which age() forbids.
const IN_WINDOW = `((t.xmin::text::bigint - ${FENCE_LOW}) & 4294967295) < ${FENCE_SPAN}`;

/** A table by its full name. */
export const qualified = (table: SourceTable): string => `public.${quoteIdentifier(table.name)}`;

/** The predicate that narrows rows of `t` to the selection. */
export function whereSelected(table: SourceTable, selection: RowSelection): string {
  const terms = termsOf(table, selection);
  return terms.length === 0 ? '' : ` where ${terms.join(' and ')}`;
}

// A range of keys excludes null, which must not go unseen where keys are counted.
function whereSelectedOrNull(table: SourceTable, selection: RowSelection): string {
  const terms = termsOf(table, selection);
  return terms.length === 0 ? '' : ` where (${terms.join(' and ')}) or t.${quoteIdentifier(table.key)} is null`;
}

function termsOf(table: SourceTable, selection: RowSelection): string[] {
  const key = `t.${quoteIdentifier(table.key)}`;
  const keyType = table.columns[table.key]!.type.kind === 'bigint' ? 'bigint' : 'integer';
  const terms: string[] = [];
  if (selection.after !== undefined) terms.push(`${key} > ${setting('after', keyType)}`);
  if (selection.through !== undefined) terms.push(`${key} <= ${setting('through', keyType)}`);
  if (selection.inWindow) terms.push(IN_WINDOW);
  // The outer cast makes it an array in the grammar's eyes, not a subquery of integers.
  const listed = (name: string) => `any (${setting(name, `${keyType}[]`)}::${keyType}[])`;
  const keysIn = selection.keysIn && `t.${quoteIdentifier(selection.keysIn.column)} = ${listed('keys')}`;
  // A CASE decides before it evaluates: the other column may be the one that cannot be read.
  if (selection.without) {
    terms.push(`case when ${key} = ${listed('without')} then false else ${keysIn ?? 'true'} end`);
    if (selection.keysIn?.column !== table.key) return terms;
  }
  if (keysIn) terms.push(keysIn);
  return terms;
}

/** COPY of the selected rows: their xmin and key, then the model's columns in its order, or the named ones. */
export function copyRows(
  table: SourceTable,
  selection: RowSelection,
  names: readonly string[] = Object.keys(table.columns),
): string {
  const columns = quoteIdentifiers([...names], 't');
  const rows = `select t.xmin, t.${quoteIdentifier(table.key)}, ${columns} from ${qualified(table)} t${whereSelected(table, selection)}`;
  return `copy (${rows}) to stdout (format binary)`;
}

/** COPY of the selected rows' keys alone. */
export function copyKeys(table: SourceTable, selection: RowSelection): string {
  const rows = `select t.xmin, t.${quoteIdentifier(table.key)} from ${qualified(table)} t${whereSelected(table, selection)}`;
  return `copy (${rows}) to stdout (format binary)`;
}

/**
 * Counts the selected rows, and with a window those of them in it: the one scan that a run without changes costs. With `keys` it counts the distinct
 * keys as well, and then rows whose key is null are among the rows.
 */
export function countRows(
  table: SourceTable,
  selection: RowSelection,
  { window, keys }: { window: FenceWindow | undefined; keys: boolean },
): string {
  const counts = ['count(*)::text as total'];
  if (window) counts.push(`(count(*) filter (where ${IN_WINDOW}))::text as in_window`);
  if (keys) counts.push(`count(distinct t.${quoteIdentifier(table.key)})::text as keys`);
  const where = keys ? whereSelectedOrNull(table, selection) : whereSelected(table, selection);
  return `select ${counts.join(', ')} from ${qualified(table)} t${where}`;
}

/** One key that several of the selected rows have, or null where a row of the table has none; with the number of those rows. */
export function findRepeatedKey(table: SourceTable, selection: RowSelection): string {
  const key = `t.${quoteIdentifier(table.key)}`;
  return `select ${key}::text as key, count(*)::text as rows from ${qualified(table)} t${whereSelectedOrNull(table, selection)}
           group by ${key} having count(*) > 1 or ${key} is null order by ${key} limit 1`;
}

/** Finds a row of the partitions with the oids of $1 whose transaction is not in the window with the low end $2 and the span $3. */
export function findOlderRow(table: SourceTable): string {
  return `select true as found from ${qualified(table)} t
           where t.tableoid = any ($1::text::oid[]) and ((t.xmin::text::bigint - $2::bigint) & 4294967295) >= $3::bigint limit 1`;
}

/** The bounds of the keys of the selected rows; null where none is selected. */
export function boundKeys(table: SourceTable, selection: RowSelection): string {
  const key = `t.${quoteIdentifier(table.key)}`;
  return `select min(${key})::text as first, max(${key})::text as last from ${qualified(table)} t${whereSelected(table, selection)}`;
}

/** The last key of the next chunk of $1 selected rows, none where fewer are left. */
export function findChunkEnd(table: SourceTable, selection: RowSelection): string {
  const key = `t.${quoteIdentifier(table.key)}`;
  return `select ${key}::text as key from ${qualified(table)} t${whereSelected(table, selection)} order by ${key} offset $1::bigint - 1 limit 1`;
}

/** Every column of the rows with the keys of $1 as the exact text that Postgres gives it, one JSON object a row. */
export function readExactTexts(table: SourceTable): string {
  const key = `t.${quoteIdentifier(table.key)}`;
  const texts = Object.keys(table.columns).map(
    (name) => `t.${quoteIdentifier(name)}::text as ${quoteIdentifier(name)}`,
  );
  return `select ${key}::text as key, row_to_json(r)::text as row
            from ${qualified(table)} t, lateral (select ${texts.join(', ')}) r
           where ${key} = any ($1::bigint[])`;
}

/** Sets what the statements above read from settings; $1 to $6 in the order of their names here, for this transaction. */
export const setSelection = `
select set_config('totesys.fence_low', $1, true), set_config('totesys.fence_span', $2, true),
       set_config('totesys.after', $3, true), set_config('totesys.through', $4, true), set_config('totesys.keys', $5, true),
       set_config('totesys.without', $6, true)`;

// A subquery without reference to the row is evaluated once a statement.
function setting(name: string, type: string): string {
  return `(select current_setting('totesys.${name}')::${type})`;
}
