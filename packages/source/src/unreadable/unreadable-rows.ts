import { type KeySet, KeySetBuilder } from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import type { RowFault } from './find-faults.ts';

/** Unreadable rows of a table that one run puts into quarantine at most: more are not single damaged rows. */
const MOST_ROWS = 100;
/** Keys that a message names. */
const MOST_NAMED = 10;

/** The rows that the server could not read in one run, by table: each is in the batch's quarantine. */
export class UnreadableRows {
  readonly #tables = new Map<string, Map<number, RowFault>>();

  /** Returns whether the run has found the row already. */
  has(table: string, key: number): boolean {
    return this.#tables.get(table)?.has(key) ?? false;
  }

  /** Returns the keys of a table's unreadable rows. */
  keysOf(table: string): KeySet {
    const keys = new KeySetBuilder();
    for (const key of this.#tables.get(table)?.keys() ?? []) keys.add(key);
    return keys.build();
  }

  /** Adds a row; throws if a table has more than a run puts into quarantine. */
  add(table: string, key: number, fault: RowFault): void {
    const rows = this.#tables.get(table) ?? new Map<number, RowFault>();
    this.#tables.set(table, rows.set(key, fault));
    if (rows.size > MOST_ROWS) throw tooManyUnreadable(table, rows, MOST_ROWS);
  }

  /** A sentence for each table with unreadable rows. */
  get warnings(): string[] {
    return [...this.#tables].map(([table, rows]) => {
      const [some, pronoun] = rows.size === 1 ? ['a row', 'it'] : [`${rows.size} rows`, 'them'];
      const fault = `Table '${table}' has ${some} that the source cannot read: ${describe(rows)}`;
      const remedy = `Repair the source, then run: totesys quarantine replay ${table}`;
      return `${fault}. The batch has ${pronoun} in quarantine. ${remedy}`;
    });
  }
}

/** Error for a table with more unreadable rows than are left out one by one. */
export function tooManyUnreadable(table: string, rows: ReadonlyMap<number, RowFault>, most: number): PipelineError {
  const fault = `Table '${table}' has more than ${most} rows that the source cannot read: ${describe(rows)}`;
  const remedy = "Correct the column's expression, or restore the rows from a backup; nothing is lost meanwhile.";
  return new PipelineError(ErrorCode.SOURCE_ROW_UNREADABLE, `${fault}. ${remedy}`, {
    context: { table, keys: [...rows.keys()].slice(0, MOST_NAMED) },
  });
}

function describe(rows: ReadonlyMap<number, RowFault>): string {
  const keys = [...rows.keys()];
  const named = `${keys.slice(0, MOST_NAMED).join(', ')}${keys.length > MOST_NAMED ? ', …' : ''}`;
  const [fault] = rows.values();
  return `key ${named} (${fault?.sentence})`;
}
