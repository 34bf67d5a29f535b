import {
  type KeySet,
  type QuarantinedValue,
  readIngestionManifest,
  readProcessedManifest,
  readQuarantine,
} from '@totesys/lake';
import type { Lakes } from './find-open-quarantine.ts';

/** A quarantined value with the table and the batch of its row. */
export interface BatchValue extends QuarantinedValue {
  readonly table: string;
  readonly batch: number;
  /** The time on the clock of the source when the batch was read. */
  readonly sourceClock: string;
}

/** Reads the quarantined values of a table's rows with these keys in one batch, by ingest and by transform. */
export async function* readQuarantined(
  { ingestion, processed }: Lakes,
  table: string,
  batch: number,
  keys: KeySet,
): AsyncGenerator<BatchValue> {
  const { manifest } = await readIngestionManifest(ingestion, batch);
  const derived = await readProcessedManifest(processed, batch);
  const sides = [
    { store: ingestion, parts: manifest.quarantined },
    { store: processed, parts: derived.manifest.quarantined },
  ];
  for (const { store, parts } of sides) {
    for (const part of parts.filter((each) => each.table === table)) {
      for await (const value of readQuarantine(store, part, keys)) {
        yield { ...value, table, batch, sourceClock: manifest.sourceClock };
      }
    }
  }
}
