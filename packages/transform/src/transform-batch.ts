import { arrowSchema } from '@totesys/columns';
import { type IngestionManifest, type ProcessedManifest, type ReadManifest, readPart } from '@totesys/lake';
import { factsOf, findCalendar, type Model } from '@totesys/schema';
import * as arrow from 'apache-arrow';
import { ProcessedBatch } from './processed-batch.ts';
import { QuarantinedRows } from './quarantined-rows.ts';
import type { TransformDeps } from './transform-deps.ts';
import { transformPart } from './transform-part.ts';

/** A transformed batch: its manifest, which is not yet written, its rows in quarantine, and its warnings. */
export interface TransformedBatch {
  readonly manifest: ProcessedManifest;
  readonly quarantined: number;
  readonly warnings: readonly string[];
}

/** Writes the parts of one batch and returns its manifest: a pure function of the ingestion batch, to the byte. */
export async function transformBatch(
  deps: TransformDeps,
  { manifest, sha256 }: ReadManifest<IngestionManifest>,
): Promise<TransformedBatch> {
  const quarantinedRows = await QuarantinedRows.read(deps.model, deps.ingestion, manifest);
  const batch = new ProcessedBatch(deps.processed, manifest, quarantinedRows);
  for (const part of manifest.parts) if (part.role !== 'lookup') await transformPart(deps, manifest, part, batch);
  await writeDeletedFacts(deps, manifest, batch);
  await writeCalendar(deps.model, batch);
  await batch.writeLeftOut();
  return {
    manifest: batch.manifest(sha256),
    quarantined: batch.quarantine.rows,
    warnings: batch.placeholders.warnings(),
  };
}

// Writes the keys of facts whose source rows were deleted. A dimension keeps its row: older versions refer to it.
async function writeDeletedFacts(
  { model, ingestion }: TransformDeps,
  manifest: IngestionManifest,
  batch: ProcessedBatch,
): Promise<void> {
  for (const fact of factsOf(model)) {
    const schema = arrowSchema(fact.columns.slice(0, 1));
    for (const part of manifest.deleted.filter(({ table }) => table === fact.source)) {
      const keys: arrow.RecordBatch[] = [];
      for await (const rows of readPart(ingestion, part)) keys.push(new arrow.RecordBatch(schema, rows.data));
      await batch.writeDeleted(fact.name, keys);
    }
  }
}

// Writes every day of the calendar years in which a date of the batch occurs.
async function writeCalendar(model: Model, batch: ProcessedBatch): Promise<void> {
  const calendar = findCalendar(model);
  if (!calendar) return;
  for (const rows of batch.years.recordBatches(calendar)) await batch.writeRows(calendar.name, [rows]);
}
