import { partFolder } from '../key-layout.ts';
import { coarseRanges } from '../keys/coarse-ranges.ts';
import { KeySet, KeySetBuilder } from '../keys/key-set.ts';
import type { Manifest } from '../manifests/manifest.ts';
import { writePart } from '../parts/part.ts';
import type { Store } from '../stores/store.ts';
import { type QuarantinedValue, quarantineRows } from './quarantined-value.ts';

/** Writes what one batch has in quarantine, and counts its rows. */
export class QuarantineWriter {
  /** The parts written so far, for the manifest. */
  readonly parts: Manifest['quarantined'] = [];
  readonly #store: Store;
  readonly #batch: Pick<Manifest, 'kind' | 'batch' | 'sourceClock'>;
  readonly #keys = new Map<string, KeySetBuilder>();

  constructor(store: Store, batch: Pick<Manifest, 'kind' | 'batch' | 'sourceClock'>) {
    this.#store = store;
    this.#batch = batch;
  }

  /** How many rows are in quarantine, each counted once however many of its values are wrong. */
  get rows(): number {
    return [...this.#keys.values()].reduce((sum, keys) => sum + keys.build().count, 0);
  }

  /** Writes values of a source table as one part. */
  async write(table: string, values: readonly QuarantinedValue[]): Promise<void> {
    if (values.length === 0) return;
    const { kind, batch, sourceClock } = this.#batch;
    const rowKeys = this.#keys.get(table) ?? new KeySetBuilder();
    this.#keys.set(table, rowKeys);
    for (const { key } of values) rowKeys.add(key);
    const folder = partFolder(`_quarantine/${table}`, sourceClock, batch);
    const part = await writePart(this.#store, folder, [quarantineRows(kind, values)]);
    const keys = KeySet.of(values.map(({ key }) => [key, key]));
    // Only the ingestion lake has indexes of keys, which are built from these ranges.
    this.parts.push({ table, ...part, ...(kind === 'ingestion' && { keys: coarseRanges(keys) }) });
  }
}
