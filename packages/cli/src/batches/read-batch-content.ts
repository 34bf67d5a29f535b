import {
  type IngestionManifest,
  type ObjectPart,
  type ProcessedManifest,
  readQuarantinedKeys,
  type Store,
} from '@totesys/lake';

/** Rows by table. */
type Rows = Readonly<Record<string, number>>;

/** The rows of a batch: read and quarantined rows by source table, derived rows by warehouse table. */
export interface BatchContent {
  readonly changed: Rows;
  readonly deleted: Rows;
  readonly quarantinedByIngest: Rows;
  /** Like `rows`, undefined until the batch is transformed. */
  readonly quarantinedByTransform?: Rows;
  readonly rows?: Rows;
  /** Rows that either stage put into quarantine, each counted once, and the number of their values with a fault. */
  readonly quarantined: Readonly<Record<string, { readonly rows: number; readonly faults: number }>>;
}

type TablePart = ObjectPart & { readonly table: string };

/** Counts the rows of a batch. Reads the rows in quarantine, because a manifest counts only their faults. */
export async function readBatchContent(
  { ingestion, processed }: { readonly ingestion: Store; readonly processed: Store },
  read: IngestionManifest,
  derived: ProcessedManifest | undefined,
): Promise<BatchContent> {
  const quarantined: Record<string, { rows: number; faults: number }> = {};
  const byIngest: Record<string, number> = {};
  const byTransform: Record<string, number> = {};
  const parts = [...read.quarantined, ...(derived?.quarantined ?? [])];
  for (const [table, faults] of Object.entries(sum(parts))) {
    const ofTable = (part: TablePart) => part.table === table;
    const early = await readQuarantinedKeys(ingestion, read.quarantined.filter(ofTable));
    const late = await readQuarantinedKeys(processed, derived?.quarantined.filter(ofTable) ?? []);
    if (early.count > 0) byIngest[table] = early.count;
    if (late.count > 0) byTransform[table] = late.count;
    quarantined[table] = { rows: early.union(late).count, faults };
  }
  return {
    changed: sum(read.parts.filter(({ role }) => role === 'changed')),
    deleted: sum(read.deleted),
    quarantinedByIngest: byIngest,
    ...(derived && {
      rows: sum(derived.parts.filter(({ role }) => role === 'rows')),
      quarantinedByTransform: byTransform,
    }),
    quarantined,
  };
}

function sum(parts: readonly TablePart[]): Record<string, number> {
  const rows: Record<string, number> = {};
  for (const part of parts) rows[part.table] = (rows[part.table] ?? 0) + part.rows;
  return rows;
}
