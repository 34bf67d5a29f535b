import {
  type IngestionManifest,
  MANIFEST_FORMAT,
  type ObjectPart,
  type ProcessedManifest,
  partFolder,
  QuarantineWriter,
  type Store,
  writePart,
} from '@totesys/lake';
import type * as arrow from 'apache-arrow';
import { CalendarYears } from './calendar.ts';
import { Placeholders } from './placeholders.ts';
import type { QuarantinedRows } from './quarantined-rows.ts';

/** A processed batch that is being written: writes its parts, and collects the entries of its manifest. */
export class ProcessedBatch {
  /** The rows that show a placeholder. */
  readonly placeholders = new Placeholders();
  /** The years in which dates of the batch occur. */
  readonly years = new CalendarYears();
  /** The rows that facts lack because they are in quarantine. */
  readonly quarantinedRows: QuarantinedRows;
  /** Writes values to quarantine. */
  readonly quarantine: QuarantineWriter;
  readonly #store: Store;
  readonly #ingestionManifest: IngestionManifest;
  readonly #parts: ProcessedManifest['parts'] = [];
  readonly #leftOutParts: ProcessedManifest['leftOut'] = [];

  constructor(store: Store, ingestionManifest: IngestionManifest, quarantinedRows: QuarantinedRows) {
    this.#store = store;
    this.#ingestionManifest = ingestionManifest;
    this.quarantinedRows = quarantinedRows;
    const { batch, sourceClock } = ingestionManifest;
    this.quarantine = new QuarantineWriter(store, { kind: 'processed', batch, sourceClock });
  }

  /** Returns how many rows of a table are written so far. */
  rowsOf(table: string): number {
    return sumRows(this.#parts.filter((part) => part.table === table && part.role === 'rows'));
  }

  /** Writes rows of a table as one part. */
  async writeRows(table: string, rows: readonly arrow.RecordBatch[]): Promise<void> {
    this.#parts.push({ table, role: 'rows', ...(await this.write(table, rows)) });
  }

  /** Writes the keys of deleted facts as one part. */
  async writeDeleted(fact: string, keys: readonly arrow.RecordBatch[]): Promise<void> {
    this.#parts.push({ table: fact, role: 'deleted', ...(await this.write(`deleted_${fact}`, keys)) });
  }

  /** Writes the keys of the rows that facts lack. */
  async writeLeftOut(): Promise<void> {
    for (const [table, ranges] of this.quarantinedRows.tables()) {
      this.#leftOutParts.push({ table, ...(await this.write(`_left_out/${table}`, [ranges])) });
    }
  }

  /** Returns the manifest of what was written; `sha256` is that of the ingestion manifest. */
  manifest(sha256: string): ProcessedManifest {
    const { batch, previous, sourceClock } = this.#ingestionManifest;
    return {
      format: MANIFEST_FORMAT,
      kind: 'processed',
      batch,
      ingestion: { sha256, previous },
      sourceClock,
      parts: this.#parts,
      quarantined: this.quarantine.parts,
      leftOut: this.#leftOutParts,
      counts: this.quarantinedRows.counts(),
    };
  }

  private write(table: string, rows: readonly arrow.RecordBatch[]): Promise<ObjectPart> {
    const { batch, sourceClock } = this.#ingestionManifest;
    return writePart(this.#store, partFolder(table, sourceClock, batch), rows);
  }
}

/** Returns the rows of all parts. */
export function sumRows(parts: readonly { readonly rows: number }[]): number {
  return parts.reduce((sum, { rows }) => sum + rows, 0);
}
