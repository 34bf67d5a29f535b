import {
  type Catalogue,
  currentSchema,
  fileMissing,
  findCurrentSnapshot,
  findSnapshot,
  icebergType,
  parseMetadata,
  REBUILD,
  type TableMetadata,
  type TableVersion,
} from '@totesys/iceberg';
import type { DerivedPlace } from '@totesys/lake/derived';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import type { PublishedTable } from '@totesys/schema';

/** What publish keeps in the properties of a table: a commit of another engine leaves them as they are. */
export const PROPERTY = {
  /** The last batch that the table has. */
  watermark: 'totesys.watermark',
  /** The SHA-256 of that batch's ingestion manifest, by which another lake is recognised. */
  origin: 'totesys.ingestion-sha256',
  /** The last snapshot of publish. */
  snapshot: 'totesys.snapshot-id',
  /** The beginnings of the hashes of the calendar's parts that the table has. */
  calendar: 'totesys.calendar-parts',
} as const;

/** The operation of a snapshot that rewrites files and leaves the rows as they are. */
const COMPACTION = 'replace';

/** A table as the catalogue has it, checked. */
export interface TableState {
  /** undefined if the catalogue lacks the table. */
  readonly version: TableVersion | undefined;
  /** undefined before the first publish. */
  readonly metadata: TableMetadata | undefined;
  /** The last batch that the table has; 0 before the first publish. */
  readonly watermark: number;
  readonly origin: string | null;
  readonly calendarParts: readonly string[];
}

/** Reads the state of a table; throws if another writer has changed what it shows, or if its metadata is missing. */
export async function readTableState(
  { catalogue, place }: { catalogue: Catalogue; place: DerivedPlace },
  table: PublishedTable,
): Promise<TableState> {
  const version = await catalogue.find(table.name);
  if (version?.metadataUri === undefined) {
    return { version, metadata: undefined, watermark: 0, origin: null, calendarParts: [] };
  }
  if (!version.metadata) throw fileMissing(place, version.metadataUri);
  const metadata = parseMetadata(version.metadata, version.metadataUri);
  checkUnchanged(table, metadata, place);
  const { properties } = metadata;
  return {
    version,
    metadata,
    watermark: Number(properties[PROPERTY.watermark]),
    origin: properties[PROPERTY.origin] ?? null,
    calendarParts: (properties[PROPERTY.calendar] ?? '').split(',').filter((hash) => hash !== ''),
  };
}

function checkUnchanged(table: PublishedTable, metadata: TableMetadata, { uri }: DerivedPlace): void {
  const location = `${uri}/${table.name}`;
  if (withoutScheme(metadata.location) !== withoutScheme(location)) {
    throw changed(table, `lies in ${metadata.location}, expected ${location}: the catalogue names another table`);
  }
  const watermark = metadata.properties[PROPERTY.watermark];
  if (watermark === undefined || !/^\d+$/.test(watermark)) {
    throw changed(table, `has no property '${PROPERTY.watermark}' with the last published batch, expected one`);
  }
  checkColumns(table, metadata);
  checkSnapshots(table, metadata);
}

// Columns that the model has and the table lacks are added by the next commit.
function checkColumns(table: PublishedTable, metadata: TableMetadata): void {
  for (const { id, name, type } of currentSchema(metadata).fields) {
    const column = table.columns.find((each) => each.id === id);
    if (column === undefined) throw changed(table, `has a column '${name}' (id ${id}) that the model lacks`);
    const expected = icebergType(column.type);
    if (column.name === name && expected === type) continue;
    throw changed(table, `has column ${id} as '${name} ${String(type)}', expected '${column.name} ${expected}'`);
  }
}

// The snapshots since the last one of publish must be compactions. Those that the metadata no longer has are not known.
function checkSnapshots(table: PublishedTable, metadata: TableMetadata): void {
  const last = metadata.properties[PROPERTY.snapshot];
  if (last === undefined) throw changed(table, `has no property '${PROPERTY.snapshot}', expected the last snapshot`);
  const current = findCurrentSnapshot(metadata);
  if (!current) throw changed(table, `has no current snapshot, expected ${last} or a later one`);
  const published = findSnapshot(metadata, BigInt(last));
  for (let each = current; String(each['snapshot-id']) !== last; ) {
    const { operation } = each.summary;
    if (published && each['sequence-number'] <= published['sequence-number']) {
      throw changed(table, `was set back to snapshot ${current['snapshot-id']}, expected ${last} or a later one`);
    }
    if (operation !== COMPACTION) {
      throw changed(
        table,
        `has a snapshot with operation '${operation}' of another writer, expected '${COMPACTION}' only`,
      );
    }
    const parent = findSnapshot(metadata, each['parent-snapshot-id']);
    if (!parent && published)
      throw changed(table, `was set back to a snapshot before ${last}, the last one of publish`);
    if (!parent) return;
    each = parent;
  }
}

/** Error for a table that another writer has changed. */
export function changed({ name }: Pick<PublishedTable, 'name'>, fault: string): PipelineError {
  return new PipelineError(
    ErrorCode.ICEBERG_CHANGED,
    `Iceberg table '${name}' ${fault}. Another writer has changed the table. Undo that, or write the tables again ` +
      `with: ${REBUILD}`,
    { context: { table: name } },
  );
}

function withoutScheme(uri: string): string {
  return uri.replace(/^[a-z0-9]+:\/*/i, '').replace(/\/+$/, '');
}
