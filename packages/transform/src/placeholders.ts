import type { WarehouseColumn } from '@totesys/schema';

/** Keys that a warning lists; it counts the others. */
const MOST_KEYS = 5;

interface Found {
  readonly table: string;
  readonly column: WarehouseColumn;
  readonly keys: number[];
  rows: number;
}

/** The rows of a batch with a placeholder where the contract requires a value, by table and column. */
export class Placeholders {
  readonly #found = new Map<string, Found>();

  /** Adds the keys of rows of a dimension. */
  add(table: string, column: WarehouseColumn, keys: readonly number[]): void {
    const name = `${table}.${column.name}`;
    const found = this.#found.get(name) ?? { table, column, keys: [], rows: 0 };
    this.#found.set(name, found);
    found.rows += keys.length;
    found.keys.push(...keys.slice(0, MOST_KEYS - found.keys.length));
  }

  /** Returns a warning for each column: the count of rows and the first keys, but no values. */
  warnings(): string[] {
    return [...this.#found.values()].map(({ table, column, keys, rows }) => {
      const more = rows > keys.length ? ', …' : '';
      const lacking =
        column.derivation.kind === 'currencyName'
          ? 'has no code, or one that ISO 4217 does not name'
          : 'has no value and must have one';
      const [count, noun] = rows === 1 ? ['1 row', 'key'] : [`${rows} rows`, 'keys'];
      const where = `column '${column.name}' of '${table}' shows a placeholder in ${count}`;
      return `${where}, where the source ${lacking}: ${noun} ${keys.join(', ')}${more}`;
    });
  }
}
