import {
  appendSnapshot,
  currentSchema,
  type DataFile,
  newTable,
  removeOldMetadata,
  type TableMetadata,
  uriOf,
  withColumns,
  withPrevious,
} from '@totesys/iceberg';
import type { ProcessedManifest } from '@totesys/lake';
import type { PublishedTable } from '@totesys/schema';
import type { PublishDeps } from './publish-deps.ts';
import { PROPERTY, type TableState } from './table-state.ts';

/** What a commit brings into a table. */
export interface Addition {
  readonly files: readonly DataFile[];
  readonly calendarParts: readonly string[];
  /** The first of the batches. */
  readonly first: number;
  /** The manifest of the last batch: the new watermark. */
  readonly last: ProcessedManifest;
}

/**
 * Commits data files, and the watermark, to a table. Without files only the watermark moves; a new table gets an empty
 * snapshot, because some engines refuse a table that has none. Returns false if another commit was first.
 */
export async function commitTable(
  deps: PublishDeps,
  table: PublishedTable,
  state: TableState,
  addition: Addition,
): Promise<boolean> {
  const { place, catalogue } = deps;
  const { version, metadata: before } = state;
  const base = before ? withNewColumns(before, table) : newTable(uriOf(place, table.name), table.columns);
  const appended = await append(deps, table, base, addition);
  const next =
    version?.metadataUri && before ? withPrevious(appended, previousOf(version.metadataUri, before)) : appended;
  if (!(await catalogue.commit(table.name, version, next))) return false;
  if (before) await removeOldMetadata(place, before, next);
  return true;
}

/** Returns metadata with the files as a snapshot, and the properties of a table that has them. */
export async function append(
  { place }: Pick<PublishDeps, 'place'>,
  table: PublishedTable,
  base: TableMetadata,
  { files, calendarParts, first, last }: Addition,
): Promise<TableMetadata> {
  const isNeeded = files.length > 0 || base['current-snapshot-id'] == null;
  const summary = { 'totesys.batches': `${first}-${last.batch}` };
  const appended = isNeeded ? await appendSnapshot(place, base, { table: table.name, files, summary }) : base;
  return {
    ...appended,
    'last-updated-ms': Math.max(Date.now(), appended['last-updated-ms']),
    properties: {
      ...appended.properties,
      [PROPERTY.watermark]: String(last.batch),
      [PROPERTY.origin]: last.ingestion.sha256,
      ...(isNeeded && { [PROPERTY.snapshot]: String(appended['current-snapshot-id']) }),
      ...(table.kind === 'calendar' && { [PROPERTY.calendar]: calendarParts.join(',') }),
    },
  };
}

function withNewColumns(metadata: TableMetadata, { columns }: PublishedTable): TableMetadata {
  const known = currentSchema(metadata).fields.length;
  return columns.length > known ? withColumns(metadata, columns) : metadata;
}

function previousOf(uri: string, before: TableMetadata) {
  return { uri, timestampMs: before['last-updated-ms'] };
}
