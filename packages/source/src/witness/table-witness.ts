import type { Coverage, KeySet, TableWitness } from '@totesys/lake';
import type { Connection } from '@totesys/runtime';
import type { SourceTable } from '@totesys/schema';
import { coveredThrough } from '../rows/coverage.ts';
import { NewestRows, type WrittenRow } from './newest-rows.ts';
import { readWitnessRows } from './read-witness-rows.ts';
import { WitnessPairs, WitnessPairsBuilder } from './witness-pairs.ts';

/** Rows and deleted keys of a table that a manifest names as witnesses. */
const MAX_WITNESSES = 20;

/** A row that a manifest names as a witness. */
export interface WitnessRow extends WrittenRow {
  readonly hash: string;
}

/** What a batch carries and deletes of a table, and how far it covers the table. */
export interface Found {
  readonly carried: KeySet;
  readonly deleted: KeySet;
  readonly coverage: Coverage;
}

/** Gathers what a later run can expect of a table, from the rows that this run carries. */
export class WitnessBuilder {
  readonly #before: TableWitness | undefined;
  readonly #pairs: WitnessPairsBuilder;
  readonly #rows = new NewestRows(MAX_WITNESSES);

  /**
   * `before` is the witness of the last manifest. Without one, not all rows of transactions before `since` are known.
   */
  constructor(before: TableWitness | undefined, since: number) {
    this.#before = before;
    this.#pairs = new WitnessPairsBuilder(before ? 0 : since);
  }

  /** Adds a row that the batch carries. */
  add(id: number, key: number): void {
    this.#pairs.addRange(id, key, key);
    this.#rows.add(id, key);
  }

  /** Returns the table's witness after the batch. */
  async build(
    connection: Connection,
    table: SourceTable,
    { carried, deleted, coverage }: Found,
  ): Promise<TableWitness> {
    const bound = coveredThrough(coverage);
    const dropped = carried.union(deleted);
    const before = this.#before;
    if (before) this.#pairs.addKept(WitnessPairs.parse(before.since, before.pairs), dropped, bound);
    const pairs = this.#pairs.build();
    const kept = (before?.rows ?? []).map(parseWitnessRow).filter(({ key }) => key <= bound && !dropped.has(key));
    const added = await this.hashRows(connection, table);
    const rows = [...added, ...kept].sort((a, b) => b.id - a.id).slice(0, MAX_WITNESSES);
    const absent = (before?.deleted ?? []).filter((key) => key <= bound && !dropped.has(key));
    return {
      since: String(pairs.since),
      pairs: pairs.format(),
      rows: rows.map(({ key, id, hash }) => `${key} ${id} ${hash}`),
      deleted: [...lastKeys(deleted), ...absent].slice(0, MAX_WITNESSES),
    };
  }

  // An unreadable row cannot be a witness.
  private async hashRows(connection: Connection, table: SourceTable): Promise<WitnessRow[]> {
    const ids = new Map(this.#rows.rows().map(({ key, id }) => [key, id]));
    if (ids.size === 0) return [];
    const found = await readWitnessRows(connection, [{ table, keys: [...ids.keys()] }]);
    return found.flatMap(({ key, hash }) => (hash === undefined ? [] : [{ key, id: ids.get(key)!, hash }]));
  }
}

/** Parses a row of a manifest's witness. */
export function parseWitnessRow(row: string): WitnessRow {
  const [key, id, hash] = row.split(' ');
  return { key: Number(key), id: Number(id), hash: hash! };
}

function lastKeys(keys: KeySet): number[] {
  const last: number[] = [];
  for (const [first, end] of [...keys.ranges()].reverse()) {
    for (let key = end; key >= first && last.length < MAX_WITNESSES; key--) last.push(key);
  }
  return last;
}
