import {
  type BatchKeys,
  coarseRanges,
  type IngestionManifest,
  indexRows,
  type KeySet,
  keysOfColumn,
  partFolder,
  type QuarantinedValue,
  QuarantineWriter,
  type SourcePart,
  type Store,
  writePart,
} from '@totesys/lake';
import type { SourceTable } from '@totesys/schema';
import type * as arrow from 'apache-arrow';
import { keyRows, type RangeKind, rangeRows } from './state-rows.ts';

/** Writes the parts of one batch; no reader sees them until a manifest names them. */
export class BatchWriter {
  readonly batch: number;
  readonly clock: string;
  readonly parts: SourcePart[] = [];
  readonly deleted: IngestionManifest['deleted'] = [];
  readonly state: IngestionManifest['state'] = [];
  readonly #store: Store;
  readonly #quarantine: QuarantineWriter;

  constructor(store: Store, batch: number, clock: string) {
    this.#store = store;
    this.batch = batch;
    this.clock = clock;
    this.#quarantine = new QuarantineWriter(store, { kind: 'ingestion', batch, sourceClock: clock });
  }

  /** Whether the batch has no row, no deletion and no quarantined value. */
  get isEmpty(): boolean {
    return this.parts.length === 0 && this.deleted.length === 0 && this.quarantined.length === 0;
  }

  /** Returns how many rows of a table the batch carries so far, without lookup rows. */
  rowsOf(table: string): number {
    return this.parts.reduce(
      (sum, part) => (part.table === table && part.role !== 'lookup' ? sum + part.rows : sum),
      0,
    );
  }

  /** The parts of rows in quarantine. */
  get quarantined(): IngestionManifest['quarantined'] {
    return this.#quarantine.parts;
  }

  /** How many rows are in quarantine; a row with several quarantined values counts once. */
  get quarantinedRows(): number {
    return this.#quarantine.rows;
  }

  /**
   * Does work that writes rows. If it fails, the rows that it wrote are discarded: no manifest will name their
   * objects.
   */
  async writeOrDiscard<T>(work: () => Promise<T>): Promise<T> {
    const { length } = this.parts;
    try {
      return await work();
    } catch (error) {
      this.discardFrom(length);
      throw error;
    }
  }

  /** Writes rows of a source table. */
  async writeRows(
    { name: table, key }: SourceTable,
    role: SourcePart['role'],
    rows: arrow.RecordBatch,
    lookupFor?: NonNullable<SourcePart['lookupFor']>[number],
  ): Promise<SourcePart> {
    const written = await writePart(this.#store, this.folder(role === 'changed' ? table : `_${role}/${table}`), [rows]);
    const keys = role === 'lookup' ? undefined : coarseRanges(keysOfColumn(rows, key));
    // Parts that join to the same rows share the object that holds them.
    const same = lookupFor && this.parts.find(({ key }) => key === written.key);
    if (same) {
      same.lookupFor?.push(lookupFor);
      return same;
    }
    const part = { table, role, ...written, ...(keys && { keys }), ...(lookupFor && { lookupFor: [lookupFor] }) };
    this.parts.push(part);
    return part;
  }

  /** Writes the keys of deleted rows. */
  async writeDeleted(table: SourceTable, keys: KeySet): Promise<void> {
    for (const rows of keyRows(table, keys)) {
      const part = await writePart(this.#store, this.folder(`_deleted/${table.name}`), [rows]);
      this.deleted.push({ table: table.name, ...part, keys: coarseRanges(keysOfColumn(rows, table.key)) });
    }
  }

  /** Writes quarantined values. */
  async writeQuarantine(table: string, values: readonly QuarantinedValue[]): Promise<void> {
    await this.#quarantine.write(table, values);
  }

  /** Writes ranges of keys that the next run needs. */
  async writeRanges(kind: RangeKind, table: string, ranges: Iterable<readonly number[]>): Promise<void> {
    for (const rows of rangeRows(kind, ranges)) {
      const part = await writePart(this.#store, this.folder(`_state/${kind}/${table}`), [rows]);
      this.state.push({ kind, table, ...part });
    }
  }

  /** Writes the index of a table: which of the `span` batches up to this one have rows with which keys. */
  async writeKeyIndex(table: string, span: number, keys: readonly BatchKeys[]): Promise<void> {
    const part = await writePart(this.#store, this.folder(`_state/key-index/${table}`), [indexRows(keys)]);
    this.state.push({ kind: 'key-index', table, span, ...part });
  }

  private discardFrom(length: number): void {
    const discarded = new Set(this.parts.splice(length).map(({ key }) => key));
    for (const part of this.parts) part.lookupFor = part.lookupFor?.filter(({ part }) => !discarded.has(part));
  }

  private folder(table: string): string {
    return partFolder(table, this.clock, this.batch);
  }
}
