import type { WarehouseColumn } from '@totesys/schema';

/** Keys that a warning names; the others are counted. */
const MOST_KEYS = 5;

interface Found {
  readonly table: string;
  readonly column: WarehouseColumn;
  readonly keys: number[];
  rows: number;
}

/** The rows of a batch that show a placeholder where the contract promises a value, by table and column. */
export class Placeholders {
  readonly #found = new Map<string, Found>();

  /** Adds rows of a dimension by their keys. */
  add(table: string, column: WarehouseColumn, keys: readonly number[]): void {
    const name = `${table}.${column.name}`;
    const found = this.#found.get(name) ?? { table, column, keys: [], rows: 0 };
    this.#found.set(name, found);
    found.rows += keys.length;
    found.keys.push(...keys.slice(0, MOST_KEYS - found.keys.length));
  }

  /** A sentence for each column: how many rows, and the keys of the first few; never a value. */
  warnings(): string[] {
    return [...this.#found.values()].map(({ table, column, keys, rows }) => {
      const more = rows > keys.length ? ', …' : '';
      const lacking =
        column.derivation.kind === 'currencyName'
          ? 'has no code, or one that ISO 4217 does not name'
          : 'has no value and must have one';
      return `column '${column.name}' of '${table}' shows a placeholder in ${rows === 1 ? '1 row' : `${rows} rows`}, where the source ${lacking}: ${rows === 1 ? 'key' : 'keys'} ${keys.join(', ')}${more}`;
    });
  }
}
