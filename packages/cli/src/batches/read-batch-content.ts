import {
  type IngestionManifest,
  type ObjectPart,
  type ProcessedManifest,
  readPartKeys,
  type Store,
} from '@totesys/lake';

/** Rows by table. */
type Rows = Readonly<Record<string, number>>;

/** What is in a batch, in rows: of source tables what was read and what was put into quarantine, of warehouse tables what was derived. */
export interface BatchContent {
  readonly changed: Rows;
  readonly deleted: Rows;
  readonly quarantinedByIngest: Rows;
  /** Undefined, as `rows` is, where the batch is not transformed yet. */
  readonly quarantinedByTransform?: Rows;
  readonly rows?: Rows;
  /** Rows in quarantine by either stage, each once however many of its values are wrong, and how many values that is. */
  readonly quarantined: Readonly<Record<string, { readonly rows: number; readonly faults: number }>>;
}

type TablePart = ObjectPart & { readonly table: string };

/** Counts what is in a batch; the rows in quarantine are read, as a manifest counts their faults. */
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
    const early = await readPartKeys(ingestion, read.quarantined.filter(ofTable), 'key');
    const late = await readPartKeys(processed, derived?.quarantined.filter(ofTable) ?? [], 'key');
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
