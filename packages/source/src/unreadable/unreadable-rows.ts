import { type KeySet, KeySetBuilder } from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import type { RowFault } from './find-faults.ts';

/** More of a table's rows than one run puts into quarantine because the server cannot read them: then it is no single row that is damaged. */
const MOST_ROWS = 100;
/** Keys that a message names. */
const MOST_NAMED = 10;

/** The rows that the server could not read in one run, by table: each is in the batch's quarantine. */
export class UnreadableRows {
  readonly #tables = new Map<string, Map<number, RowFault>>();

  /** Whether the run has met the row already. */
  has(table: string, key: number): boolean {
    return this.#tables.get(table)?.has(key) ?? false;
  }

  /** The keys of a table's unreadable rows. */
  keysOf(table: string): KeySet {
    const keys = new KeySetBuilder();
    for (const key of this.#tables.get(table)?.keys() ?? []) keys.add(key);
    return keys.build();
  }

  /** Takes in a row; throws where a table has more than a run puts into quarantine. */
  add(table: string, key: number, fault: RowFault): void {
    const rows = this.#tables.get(table) ?? new Map<number, RowFault>();
    this.#tables.set(table, rows.set(key, fault));
    if (rows.size > MOST_ROWS) throw tooManyUnreadable(table, rows, MOST_ROWS);
  }

  /** A sentence for each table that has some. */
  get warnings(): string[] {
    return [...this.#tables].map(
      ([table, rows]) =>
        `Table '${table}' has ${rows.size === 1 ? 'a row' : `${rows.size} rows`} that the source cannot read: ${describe(rows)}. The batch has ${rows.size === 1 ? 'it' : 'them'} in quarantine. Repair the source, then run: totesys quarantine replay ${table}`,
    );
  }
}

/** The error of a table with more unreadable rows than are left out one by one. */
export function tooManyUnreadable(table: string, rows: ReadonlyMap<number, RowFault>, most: number): PipelineError {
  return new PipelineError(
    ErrorCode.SOURCE_ROW_UNREADABLE,
    `Table '${table}' has more than ${most} rows that the source cannot read: ${describe(rows)}. Correct the column's expression, or restore the rows from a backup; nothing is lost meanwhile.`,
    { context: { table, keys: [...rows.keys()].slice(0, MOST_NAMED) } },
  );
}

function describe(rows: ReadonlyMap<number, RowFault>): string {
  const keys = [...rows.keys()];
  const named = `${keys.slice(0, MOST_NAMED).join(', ')}${keys.length > MOST_NAMED ? ', …' : ''}`;
  const [{ sentence }] = rows.values() as unknown as [RowFault];
  return `key ${named} (${sentence})`;
}
