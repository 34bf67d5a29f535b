import {
  type IngestionManifest,
  type KeySet,
  KeySetBuilder,
  keyRangeRows,
  type ProcessedManifest,
  readQuarantinedKeys,
  type Store,
} from '@totesys/lake';
import { factsOf, type Model } from '@totesys/schema';
import type * as arrow from 'apache-arrow';

/**
 * The rows that the facts of a batch lack because ingest or transform put them into quarantine, by source table. A row
 * counts once, however many of its values are wrong.
 */
export class QuarantinedRows {
  readonly #carried = new Map<string, number>();
  readonly #keys = new Map<string, KeySetBuilder>();

  /** Returns the rows that ingest put into quarantine. */
  static async read(model: Model, ingestion: Store, manifest: IngestionManifest): Promise<QuarantinedRows> {
    const found = new QuarantinedRows();
    for (const { source } of factsOf(model)) {
      if (found.#keys.has(source)) continue;
      found.#keys.set(source, new KeySetBuilder());
      const parts = manifest.parts.filter(({ role, table }) => role === 'changed' && table === source);
      let rows = parts.reduce((sum, part) => sum + part.rows, 0);
      const quarantined = manifest.quarantined.filter(({ table }) => table === source);
      const keys = await readQuarantinedKeys(ingestion, quarantined);
      found.#keys.get(source)!.addAll(keys);
      rows += keys.count;
      found.#carried.set(source, rows);
    }
    return found;
  }

  /** Adds a row of a source table; a table that feeds no fact is ignored. */
  add(source: string, key: number): void {
    this.#keys.get(source)?.add(key);
  }

  /** Returns how many rows the batch has of each table, and how many of them are in quarantine. */
  counts(): ProcessedManifest['counts'] {
    const counts: ProcessedManifest['counts'] = {};
    for (const [source, rows] of this.#carried) {
      if (rows > 0) counts[source] = { rows, quarantined: this.keysOf(source).count };
    }
    return counts;
  }

  /** Each table with rows in quarantine, and their keys as ranges. */
  *tables(): Generator<[string, arrow.RecordBatch]> {
    for (const source of this.#keys.keys()) {
      const keys = this.keysOf(source);
      if (keys.count > 0) yield [source, keyRangeRows(keys)];
    }
  }

  private keysOf(source: string): KeySet {
    return this.#keys.get(source)!.build();
  }
}
