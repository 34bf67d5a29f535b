import { quoteIdentifier, type SourceTable } from '@totesys/schema';

/**
 * Which rows of a table a statement reads; an absent field does not narrow. Values come from settings because COPY
 * takes no parameters.
 */
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
/**
 * The widest window that ages compare, in transaction ids. The age of each id in a window must be below 2³¹, and ages
 * count from the server's next id: no server assigns as many ids again while a run reads.
 */
const WIDEST_BY_AGE = 2 ** 30;
/** The predicate modulo 2³² (see FenceWindow), for any window. Its casts take longer than the rest of a scan. */
export const IN_WINDOW_BY_MODULO = `((t.xmin::text::bigint - ${FENCE_LOW}) & 4294967295) < ${FENCE_SPAN}`;
const AGE_OF_LOW = "age(current_setting('totesys.fence_low')::xid)";
const AGES_COMPARE = `${FENCE_SPAN} <= ${WIDEST_BY_AGE}`;
// The greatest age of a row in the window. If the window is too wide to compare ages, the greatest of all ages.
const GREATEST_AGE = `(select case when ${AGES_COMPARE} then ${AGE_OF_LOW} else 2147483647 end)`;
const AGE_OF_HIGH = "(select age(current_setting('totesys.fence_high')::xid))";
// One comparison excludes nearly every row of a table, so the scan tests it first.
const IS_TOO_OLD = `age(t.xmin) > ${GREATEST_AGE}`;
const IS_YOUNG_ENOUGH = `case when ${AGES_COMPARE} then age(t.xmin) > ${AGE_OF_HIGH} else ${IN_WINDOW_BY_MODULO} end`;
/**
 * The predicate that a row `t` is in the window: its age is between the ages of the window's ends. age() counts from
 * the next id at its first use in the transaction, so the ages of one statement can be compared. The ids 0 to 2 belong
 * to rows that Postgres 9.3 or older froze; age() returns the greatest age for them, so they are outside.
 */
export const IN_WINDOW = `case when ${IS_TOO_OLD} then false else ${IS_YOUNG_ENOUGH} end`;

/** Returns a table's full name. */
export const qualified = (table: SourceTable): string => `public.${quoteIdentifier(table.name)}`;

/** Returns the name of the key column of `t`. */
export const keyColumn = (table: SourceTable): string => `t.${quoteIdentifier(table.key)}`;

/** Returns the WHERE clause that narrows rows of `t` to the selection. */
export function whereSelected(table: SourceTable, selection: RowSelection): string {
  const terms = termsOf(table, selection);
  return terms.length === 0 ? '' : ` where ${terms.join(' and ')}`;
}

/**
 * Returns the WHERE clause with rows whose key is null: a range of keys excludes them, and a count of keys must
 * include them.
 */
export function whereSelectedOrNull(table: SourceTable, selection: RowSelection): string {
  const terms = termsOf(table, selection);
  return terms.length === 0 ? '' : ` where (${terms.join(' and ')}) or ${keyColumn(table)} is null`;
}

/** The most keys that one scan finds in the window: some 1 MB of the server's memory. */
export const MOST_FOUND_KEYS = 100_000;

// Counts in a setting, so that the keys of a large window never fill the server's memory.
const FOUND = `current_setting('totesys.found')::int`;
const LIST_ONE = `set_config('totesys.found', (${FOUND} + 1)::text, true) is not null`;
/** The predicate that a row `t` is one of the first `MOST_FOUND_KEYS` rows of the window that the statement finds. */
export const IS_FOUND =
  `case when ${IS_TOO_OLD} then false when not ${IS_YOUNG_ENOUGH} then false ` +
  `when ${FOUND} < ${MOST_FOUND_KEYS} then ${LIST_ONE} else false end`;

/** Writes the values that the terms read from settings, for this transaction: $1 to $7, in the order of the names. */
export const setSelection = `
select set_config('totesys.fence_low', $1, true), set_config('totesys.fence_span', $2, true),
       set_config('totesys.fence_high', $3, true),
       set_config('totesys.after', $4, true), set_config('totesys.through', $5, true),
       set_config('totesys.keys', $6, true), set_config('totesys.without', $7, true),
       set_config('totesys.found', '0', true)`;

function termsOf(table: SourceTable, selection: RowSelection): string[] {
  const key = keyColumn(table);
  const keyType = table.columns[table.key]!.type.kind === 'bigint' ? 'bigint' : 'integer';
  const terms: string[] = [];
  if (selection.after !== undefined) terms.push(`${key} > ${setting('after', keyType)}`);
  if (selection.through !== undefined) terms.push(`${key} <= ${setting('through', keyType)}`);
  if (selection.inWindow) terms.push(IN_WINDOW);
  // Without the outer cast the grammar takes the parentheses for a subquery of integers, not for an array.
  const listed = (name: string) => `any (${setting(name, `${keyType}[]`)}::${keyType}[])`;
  const keysIn = selection.keysIn && `t.${quoteIdentifier(selection.keysIn.column)} = ${listed('keys')}`;
  // CASE tests the key before it evaluates the other column, which may be unreadable.
  if (selection.without) {
    terms.push(`case when ${key} = ${listed('without')} then false else ${keysIn ?? 'true'} end`);
    if (selection.keysIn?.column !== table.key) return terms;
  }
  if (keysIn) terms.push(keysIn);
  return terms;
}

// A subquery that does not refer to the row is evaluated once per statement.
function setting(name: string, type: string): string {
  return `(select current_setting('totesys.${name}')::${type})`;
}
