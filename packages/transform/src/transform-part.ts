import { type IngestionManifest, type QuarantinedValue, readPart, type SourcePart } from '@totesys/lake';
import {
  type Dimension,
  type Fact,
  findCalendar,
  findSourceTable,
  joinsOf,
  type Model,
  mayBeAbsent,
} from '@totesys/schema';
import type * as arrow from 'apache-arrow';
import { alignRows } from './align-rows.ts';
import { type DerivedRows, deriveRows } from './derive-rows.ts';
import { readLookups } from './lookup.ts';
import type { ProcessedBatch } from './processed-batch.ts';
import type { TransformDeps } from './transform-deps.ts';

/** The most values in one quarantine part, and characters in their rows: each value contains its whole row. */
const QUARANTINE_ROWS = 10_000;
const QUARANTINE_CHARACTERS = 4 * 1024 * 1024;

/** Derives and writes the rows of every warehouse table that comes from the table of a part. */
export async function transformPart(
  { model, ingestion, telemetry }: TransformDeps,
  manifest: IngestionManifest,
  part: SourcePart,
  batch: ProcessedBatch,
): Promise<void> {
  const tables = tablesFrom(model, part);
  if (tables.length === 0) return;
  const source = findSourceTable(model, part.table);
  const recordBatches: arrow.RecordBatch[] = [];
  for await (const rows of readPart(ingestion, part)) recordBatches.push(alignRows(source, rows));
  const lookups = await readLookups({ model, ingestion, manifest, part });
  for (const table of tables) {
    const derive = (rows: arrow.RecordBatch) => deriveRows(table, source, rows, lookups);
    await writeDerived(model, table, mapEach(recordBatches, derive), batch);
    telemetry.progress(table.name, batch.rowsOf(table.name));
  }
}

// Context rows did not change. Only a dimension that joins other rows can differ for them.
function tablesFrom(model: Model, part: SourcePart): (Dimension | Fact)[] {
  const joins = joinsOf(model).some(({ source }) => source === part.table);
  return model.warehouse.filter((table): table is Dimension | Fact => {
    if (table.kind === 'calendar' || table.source !== part.table) return false;
    return part.role === 'changed' || (part.role === 'context' && joins && table.kind === 'dimension');
  });
}

async function writeDerived(
  model: Model,
  table: Dimension | Fact,
  derived: Iterable<DerivedRows>,
  batch: ProcessedBatch,
): Promise<void> {
  const written: arrow.RecordBatch[] = [];
  const quarantined: QuarantinedValue[] = [];
  let characters = 0;
  for (const { rows, broken, placeholders } of derived) {
    if (rows.numRows > 0) written.push(rows);
    for (const value of broken) {
      if (table.kind === 'fact') batch.quarantinedRows.add(table.source, value.key);
      characters += value.row.length;
      if (quarantined.push(value) < QUARANTINE_ROWS && characters < QUARANTINE_CHARACTERS) continue;
      characters = 0;
      await batch.quarantine.write(table.source, quarantined.splice(0));
    }
    for (const [column, keys] of placeholders) {
      if (!mayBeAbsent(model, table, column)) batch.placeholders.add(table.name, column, keys);
    }
    addYears(model, table, rows, batch);
  }
  await batch.quarantine.write(table.source, quarantined);
  if (written.length > 0) await batch.writeRows(table.name, written);
}

function addYears(model: Model, table: Dimension | Fact, rows: arrow.RecordBatch, batch: ProcessedBatch): void {
  const calendar = findCalendar(model);
  table.columns.forEach(({ references }, i) => {
    const dates = rows.data.children[i];
    if (calendar && dates && references === calendar.name) batch.years.add(dates);
  });
}

// One item at a time: the faults of a record batch are written before the next one is derived.
function* mapEach<From, To>(items: Iterable<From>, map: (item: From) => To): Generator<To> {
  for (const item of items) yield map(item);
}
