import { type KeySet, readIngestionManifest, readPart, readProcessedManifest } from '@totesys/lake';
import type { Lakes } from './find-open-quarantine.ts';

/** A value that breaks the contract, with its whole row. */
export interface QuarantinedValue {
  readonly table: string;
  readonly key: number;
  readonly batch: number;
  /** The time on the clock of the source when the batch was read. */
  readonly sourceClock: string;
  /** The warehouse table with the rule; undefined if ingest quarantined the value. */
  readonly warehouseTable: string | undefined;
  readonly column: string;
  readonly reason: string;
  readonly text: string | null;
  /** The row as JSON, each column's exact text. */
  readonly row: string;
}

/** Reads the quarantined values of the rows with these keys, of ingest and of transform. */
export async function* readQuarantined(
  { ingestion, processed }: Lakes,
  table: string,
  batch: number,
  keys: KeySet,
): AsyncGenerator<QuarantinedValue> {
  const { manifest } = await readIngestionManifest(ingestion, batch);
  const derived = await readProcessedManifest(processed, batch);
  const sides = [
    { store: ingestion, parts: manifest.quarantined },
    { store: processed, parts: derived.manifest.quarantined },
  ];
  for (const { store, parts } of sides) {
    for (const part of parts.filter((each) => each.table === table)) {
      for await (const rows of readPart(store, part)) {
        const [key, meantFor, column, reason, text, row] = [
          'key',
          'warehouse_table',
          'column',
          'reason',
          'text',
          'row',
        ].map((name) => rows.getChild(name));
        for (let at = 0; at < rows.numRows; at++) {
          if (!keys.has(Number(key!.get(at)))) continue;
          yield {
            table,
            key: Number(key!.get(at)),
            batch,
            sourceClock: manifest.sourceClock,
            warehouseTable: meantFor?.get(at) ?? undefined,
            column: column!.get(at),
            reason: reason!.get(at),
            text: text!.get(at),
            row: row!.get(at),
          };
        }
      }
    }
  }
}
