import { arrowSchema, Int64Builder, recordBatch } from '@totesys/columns';
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
import { bigint as int64, integer, type SourceTable } from '@totesys/schema';
import * as arrow from 'apache-arrow';

/** Ranges or keys in one part: as much as is encoded in memory at once. */
const PART_RANGES = 1_000_000;

/** Writes the parts of one batch; none of them exists for a reader until a manifest names it. */
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

  /** Whether the batch has anything to say. */
  get isEmpty(): boolean {
    return this.parts.length === 0 && this.deleted.length === 0 && this.quarantined.length === 0;
  }

  /** How many rows of a table the batch carries so far, beside those that are only looked up. */
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

  /** How many rows are in quarantine, each counted once whatever of it is wrong. */
  get quarantinedRows(): number {
    return this.#quarantine.rows;
  }

  /** Returns a function that discards the rows written from here on: no manifest names their objects then. */
  mark(): () => void {
    const { length } = this.parts;
    return () => {
      const dropped = new Set(this.parts.splice(length).map(({ key }) => key));
      for (const part of this.parts) part.lookupFor = part.lookupFor?.filter((wanted) => !dropped.has(wanted.part));
    };
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
    // Parts that join to the very same rows share the object that holds them.
    const same = lookupFor && this.parts.find(({ key }) => key === written.key);
    if (same) {
      same.lookupFor?.push(lookupFor);
      return same;
    }
    const part = { table, role, ...written, ...(keys && { keys }), ...(lookupFor && { lookupFor: [lookupFor] }) };
    this.parts.push(part);
    return part;
  }

  /** Writes the keys of rows that are gone. */
  async writeDeleted(table: SourceTable, keys: KeySet): Promise<void> {
    const type = table.columns[table.key]!.type;
    for (const chunk of keys.chunks(PART_RANGES)) {
      const values = type.kind === 'bigint' ? BigInt64Array.from(chunk, BigInt) : Int32Array.from(chunk);
      const column = { name: table.key, type: type.kind === 'bigint' ? int64() : integer() };
      const rows = recordBatch(arrowSchema([column]), [arrow.makeVector(values).data[0]!], chunk.length);
      const part = await writePart(this.#store, this.folder(`_deleted/${table.name}`), [rows]);
      this.deleted.push({ table: table.name, ...part, keys: coarseRanges(keysOfColumn(rows, table.key)) });
    }
  }

  /** Writes values that break the contract. */
  async writeQuarantine(table: string, values: readonly QuarantinedValue[]): Promise<void> {
    await this.#quarantine.write(table, values);
  }

  /** Writes ranges of keys that the next run needs: known ones, or each transaction's. */
  async writeRanges(
    kind: 'known-keys' | 'window-pairs',
    table: string,
    ranges: Iterable<readonly number[]>,
  ): Promise<void> {
    const names = kind === 'known-keys' ? ['first', 'last'] : ['transaction_id', 'first', 'last'];
    const columns = names.map((name) => ({ name, type: int64() }));
    const builders = names.map(() => new Int64Builder(new arrow.Int64()));
    const flush = async () => {
      const { length } = builders[0]!;
      if (length === 0) return;
      const children = builders.map((builder) => builder.finish());
      const rows = recordBatch(arrowSchema(columns), children, length);
      this.state.push({
        kind,
        table,
        ...(await writePart(this.#store, this.folder(`_state/${kind}/${table}`), [rows])),
      });
    };
    for (const range of ranges) {
      range.forEach((value, i) => {
        builders[i]!.append(value);
      });
      if (builders[0]!.length === PART_RANGES) await flush();
    }
    await flush();
  }

  /** Writes which of the `span` batches up to this one have rows with which keys of a table. */
  async writeKeyIndex(table: string, span: number, keys: readonly BatchKeys[]): Promise<void> {
    const part = await writePart(this.#store, this.folder(`_state/key-index/${table}`), [indexRows(keys)]);
    this.state.push({ kind: 'key-index', table, span, ...part });
  }

  private folder(table: string): string {
    return partFolder(table, this.clock, this.batch);
  }
}
