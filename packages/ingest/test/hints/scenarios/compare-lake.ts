import { exactRow } from '@totesys/columns';
import { decodeParquet, type IngestionManifest, readIngestionManifest, type Store } from '@totesys/lake';
import type { Connection } from '@totesys/runtime';
import { quoteIdentifier, type SourceTable, totesysModel } from '@totesys/schema';

/** The rows of each table by key, as JSON of exact texts. */
type Rows = ReadonlyMap<string, ReadonlyMap<number, string>>;

/** The state of the tables that the batches of a lake add up to; it reads each batch once. */
export class LakeState {
  readonly #store: Store;
  readonly #tables = new Map(totesysModel.source.map(({ name }) => [name, new Map<number, string>()]));
  #batch = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Adds the batches up to the newest one, and returns the rows. */
  async read(newest: number): Promise<Rows> {
    while (this.#batch < newest) await this.add((await readIngestionManifest(this.#store, ++this.#batch)).manifest);
    return this.#tables;
  }

  private async add({ parts, deleted }: IngestionManifest): Promise<void> {
    for (const { table, key } of deleted) {
      for (const rows of decodeParquet(await this.#store.get(key))) {
        for (const id of rows.getChild(`${table}_id`)!.toArray()) this.#tables.get(table)!.delete(Number(id));
      }
    }
    // Context rows are states, too, but a batch that carries only them has missed the change.
    for (const { table, key } of parts.filter(({ role }) => role === 'changed')) {
      const described = totesysModel.source.find(({ name }) => name === table)!;
      for (const rows of decodeParquet(await this.#store.get(key))) {
        const ids = rows.getChild(described.key)!.toArray();
        for (let row = 0; row < rows.numRows; row++) {
          this.#tables.get(table)!.set(Number(ids[row]), exactRow(described, rows, row));
        }
      }
    }
  }
}

/** Reads the rows of the source as a connection sees them. */
export async function readSourceRows(connection: Pick<Connection, 'unsafe'>): Promise<Rows> {
  const tables = new Map<string, ReadonlyMap<number, string>>();
  for (const table of totesysModel.source) {
    const rows = await connection.unsafe(selectTexts(table));
    tables.set(table.name, new Map(rows.map((row) => [Number(row[table.key]), JSON.stringify(row)])));
  }
  return tables;
}

/** Returns a line for each row that the lake has otherwise than the source; none if they are equal. */
export function findDifferences(lake: Rows, source: Rows): string[] {
  const lines: string[] = [];
  for (const [table, rows] of source) {
    const carried = lake.get(table)!;
    for (const key of new Set([...rows.keys(), ...carried.keys()])) {
      const [expected, got] = [rows.get(key), carried.get(key)];
      if (expected !== got) lines.push(`${table} ${key}: the source has ${expected}, the lake has ${got}`);
    }
  }
  return lines;
}

function selectTexts({ name, columns }: SourceTable): string {
  const texts = Object.keys(columns).map((column) => {
    const quoted = quoteIdentifier(column);
    return `${quoted}::text as ${quoted}`;
  });
  return `select ${texts.join(', ')} from public.${quoteIdentifier(name)}`;
}
