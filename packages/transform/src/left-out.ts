import { arrowSchema, Int64Builder, recordBatch } from '@totesys/columns';
import {
  type IngestionManifest,
  type KeySet,
  KeySetBuilder,
  type ProcessedManifest,
  readQuarantinedKeys,
  type Store,
} from '@totesys/lake';
import { bigint, factsOf, type Model } from '@totesys/schema';
import * as arrow from 'apache-arrow';

/** The columns of a part of keys: the first and the last of each range. */
const COLUMNS = ['first', 'last'].map((name) => ({ name, type: bigint() }));

/** The rows of facts' source tables that a batch leaves out because they are in quarantine, by either stage: each key once, however many values are wrong. */
export class LeftOutRows {
  readonly #carried = new Map<string, number>();
  readonly #keys = new Map<string, KeySetBuilder>();

  /** Begins with those that ingest left out. */
  static async read(model: Model, ingestion: Store, manifest: IngestionManifest): Promise<LeftOutRows> {
    const leftOut = new LeftOutRows();
    for (const { source } of factsOf(model)) {
      if (leftOut.#keys.has(source)) continue;
      leftOut.#keys.set(source, new KeySetBuilder());
      const parts = manifest.parts.filter(({ role, table }) => role === 'changed' && table === source);
      let rows = parts.reduce((sum, part) => sum + part.rows, 0);
      const quarantined = manifest.quarantined.filter(({ table }) => table === source);
      const keys = await readQuarantinedKeys(ingestion, quarantined);
      leftOut.#keys.get(source)!.addAll(keys);
      rows += keys.count;
      leftOut.#carried.set(source, rows);
    }
    return leftOut;
  }

  /** Adds the row of a source table. */
  add(source: string, key: number): void {
    this.#keys.get(source)?.add(key);
  }

  /** How many rows of each table the batch has, and how many of them it leaves out. */
  counts(): ProcessedManifest['counts'] {
    const counts: ProcessedManifest['counts'] = {};
    for (const [source, rows] of this.#carried) {
      if (rows > 0) counts[source] = { rows, quarantined: this.keysOf(source).count };
    }
    return counts;
  }

  /** The keys left out of each table that has some, as rows of ranges. */
  *tables(): Generator<[string, arrow.RecordBatch]> {
    for (const source of this.#keys.keys()) {
      const keys = this.keysOf(source);
      if (keys.count > 0) yield [source, rangeRows(keys)];
    }
  }

  private keysOf(source: string): KeySet {
    return this.#keys.get(source)!.build();
  }
}

function rangeRows(keys: KeySet): arrow.RecordBatch {
  const builders = COLUMNS.map(() => new Int64Builder(new arrow.Int64()));
  for (const range of keys.ranges()) {
    range.forEach((key, i) => {
      builders[i]!.append(key);
    });
  }
  const children = builders.map((builder) => builder.finish());
  return recordBatch(arrowSchema(COLUMNS), children, keys.rangeCount);
}
