import { arrowSchema } from '@totesys/columns';
import {
  type IngestionManifest,
  MANIFEST_FORMAT,
  type ObjectPart,
  type ProcessedManifest,
  partFolder,
  type QuarantinedValue,
  QuarantineWriter,
  readPart,
  type SourcePart,
  type Store,
  writePart,
} from '@totesys/lake';
import type { StageTelemetry } from '@totesys/runtime';
import {
  type Dimension,
  type Fact,
  factsOf,
  findCalendar,
  findSourceTable,
  joinsOf,
  type Model,
  mayBeAbsent,
} from '@totesys/schema';
import * as arrow from 'apache-arrow';
import { alignRows } from './align-rows.ts';
import { CalendarYears } from './calendar.ts';
import { deriveRows } from './derive-rows.ts';
import { type Lookups, readLookups } from './lookup.ts';
import { Placeholders } from './placeholders.ts';
import { QuarantinedRows } from './quarantined-rows.ts';

/** Broken values in one quarantine part: each carries its whole row. */
const QUARANTINE_ROWS = 10_000;

/** What transform works with. */
export interface TransformDeps {
  readonly model: Model;
  readonly ingestion: Store;
  readonly processed: Store;
  readonly telemetry: StageTelemetry<'transform'>;
  /** The moment, in milliseconds since 1970, after which no further batch is begun; without it, none is left. */
  readonly deadlineMs?: number;
}

/** A batch that is transformed: its manifest, how many rows are in quarantine by it, and what a person should know of it. */
export interface TransformedBatch {
  readonly manifest: ProcessedManifest;
  readonly quarantined: number;
  readonly warnings: readonly string[];
}

/** Writes the parts of one batch in the processed lake and gives the manifest that names them: a pure function of the batch, to the byte. */
export async function transformBatch(
  deps: TransformDeps,
  manifest: IngestionManifest,
  sha256: string,
): Promise<TransformedBatch> {
  const batch = new ProcessedBatch(deps, manifest, await QuarantinedRows.read(deps.model, deps.ingestion, manifest));
  for (const part of manifest.parts) if (part.role !== 'lookup') await batch.addPart(part);
  await batch.addDeleted();
  await batch.addCalendar();
  await batch.addLeftOut();
  const processed: ProcessedManifest = {
    format: MANIFEST_FORMAT,
    kind: 'processed',
    batch: manifest.batch,
    ingestion: { sha256, previous: manifest.previous },
    sourceClock: manifest.sourceClock,
    parts: batch.parts,
    quarantined: batch.quarantined,
    leftOut: batch.leftOut,
    counts: batch.counts,
  };
  return { manifest: processed, quarantined: batch.quarantinedRows, warnings: batch.placeholders.warnings() };
}

class ProcessedBatch {
  readonly parts: ProcessedManifest['parts'] = [];
  readonly leftOut: ProcessedManifest['leftOut'] = [];
  readonly placeholders = new Placeholders();
  readonly #quarantine: QuarantineWriter;
  readonly #years = new CalendarYears();
  readonly #deps: TransformDeps;
  readonly #manifest: IngestionManifest;
  readonly #quarantinedRows: QuarantinedRows;

  constructor(deps: TransformDeps, manifest: IngestionManifest, quarantinedRows: QuarantinedRows) {
    this.#deps = deps;
    this.#manifest = manifest;
    this.#quarantinedRows = quarantinedRows;
    const { batch, sourceClock } = manifest;
    this.#quarantine = new QuarantineWriter(deps.processed, { kind: 'processed', batch, sourceClock });
  }

  /** Rows of each source table of a fact, and how many of them are left out. */
  get counts(): ProcessedManifest['counts'] {
    return this.#quarantinedRows.counts();
  }

  /** The parts of rows in quarantine. */
  get quarantined(): ProcessedManifest['quarantined'] {
    return this.#quarantine.parts;
  }

  /** Rows of source tables with a value that breaks the contract, each once. */
  get quarantinedRows(): number {
    return this.#quarantine.rows;
  }

  /** Derives what a source part gives every warehouse table that comes from its table. */
  async addPart(part: SourcePart): Promise<void> {
    const { model, ingestion } = this.#deps;
    const tables = tablesFrom(model, part);
    if (tables.length === 0) return;
    const source = findSourceTable(model, part.table);
    const batches: arrow.RecordBatch[] = [];
    for await (const rows of readPart(ingestion, part)) batches.push(alignRows(source, rows));
    const lookups = await readLookups({ model, ingestion, manifest: this.#manifest, part });
    for (const table of tables) await this.addRows(table, part, batches, lookups);
  }

  /** Names the facts whose source rows are gone. A dimension's row stays: history refers to it. */
  async addDeleted(): Promise<void> {
    for (const fact of factsOf(this.#deps.model)) {
      const column = fact.columns[0]!;
      for (const part of this.#manifest.deleted.filter(({ table }) => table === fact.source)) {
        const batches: arrow.RecordBatch[] = [];
        for await (const rows of readPart(this.#deps.ingestion, part)) {
          batches.push(new arrow.RecordBatch(arrowSchema([column]), rows.data));
        }
        const written = await this.write(`deleted_${fact.name}`, batches);
        this.parts.push({ table: fact.name, role: 'deleted', ...written });
      }
    }
  }

  /** Completes the calendar years in which any date of this batch occurs. */
  async addCalendar(): Promise<void> {
    const calendar = findCalendar(this.#deps.model);
    if (!calendar) return;
    for (const rows of this.#years.recordBatches(calendar)) {
      this.parts.push({ table: calendar.name, role: 'rows', ...(await this.write(calendar.name, [rows])) });
    }
  }

  /** Names the rows that facts lack because they are in quarantine. */
  async addLeftOut(): Promise<void> {
    for (const [table, ranges] of this.#quarantinedRows.tables()) {
      this.leftOut.push({ table, ...(await this.write(`_left_out/${table}`, [ranges])) });
    }
  }

  private async addRows(
    table: Dimension | Fact,
    part: SourcePart,
    batches: readonly arrow.RecordBatch[],
    lookups: Lookups,
  ): Promise<void> {
    const { model, telemetry } = this.#deps;
    const source = findSourceTable(model, part.table);
    const derived: arrow.RecordBatch[] = [];
    const broken: QuarantinedValue[] = [];
    for (const batch of batches) {
      const result = deriveRows(table, source, batch, lookups);
      if (result.rows.numRows > 0) derived.push(result.rows);
      for (const value of result.broken) {
        if (table.kind === 'fact') this.#quarantinedRows.add(part.table, value.key);
        if (broken.push(value) === QUARANTINE_ROWS) await this.#quarantine.write(part.table, broken.splice(0));
      }
      for (const [column, keys] of result.placeholders)
        if (!mayBeAbsent(model, table, column)) this.placeholders.add(table.name, column, keys);
      this.seeDates(table, result.rows);
    }
    await this.#quarantine.write(part.table, broken);
    if (derived.length > 0)
      this.parts.push({ table: table.name, role: 'rows', ...(await this.write(table.name, derived)) });
    const written = this.parts.filter((part) => part.table === table.name && part.role === 'rows');
    telemetry.progress(table.name, total(written));
  }

  private seeDates(table: Dimension | Fact, rows: arrow.RecordBatch): void {
    const calendar = findCalendar(this.#deps.model);
    table.columns.forEach(({ references }, i) => {
      if (calendar && references === calendar.name) this.#years.add(rows.data.children[i]!);
    });
  }

  private write(table: string, rows: readonly arrow.RecordBatch[]): Promise<ObjectPart> {
    const { batch, sourceClock } = this.#manifest;
    return writePart(this.#deps.processed, partFolder(table, sourceClock, batch), rows);
  }
}

// Context rows did not change: only a dimension that joins shows them otherwise than before.
function tablesFrom(model: Model, part: SourcePart): (Dimension | Fact)[] {
  const joins = joinsOf(model).some(({ source }) => source === part.table);
  return model.warehouse.filter((table): table is Dimension | Fact => {
    if (table.kind === 'calendar' || table.source !== part.table) return false;
    return part.role === 'changed' || (part.role === 'context' && joins && table.kind === 'dimension');
  });
}

function total(parts: readonly { readonly rows: number }[]): number {
  return parts.reduce((sum, { rows }) => sum + rows, 0);
}
