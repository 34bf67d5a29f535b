import type { DataRows } from '@totesys/iceberg';
import type { ProcessedManifest } from '@totesys/lake';
import type { PublishedTable } from '@totesys/schema';
import type { PublishDeps } from './publish-deps.ts';
import { batchRows, partsOf, publishedRows } from './published-rows.ts';

/** Calendar parts that a table remembers; a part whose hash was forgotten is published once more, which is harmless. */
const MOST_CALENDAR_PARTS = 500;
/** Digits of a hash that identify a calendar part. */
const HASH_DIGITS = 16;

/** The rows that batches bring into a table, not yet read. */
export interface TableRows {
  readonly count: number;
  read(): AsyncIterable<DataRows>;
  /** The hashes of the calendar's parts that the table then has. */
  readonly calendarParts: readonly string[];
}

/**
 * Finds the rows that batches bring into a table. Nearly every batch brings the same days of the calendar again: a part
 * is published once.
 */
export function tableRows(
  { processed }: Pick<PublishDeps, 'processed'>,
  table: PublishedTable,
  manifests: readonly ProcessedManifest[],
  calendarParts: readonly string[],
): TableRows {
  if (table.kind === 'batches') return { count: manifests.length, read: () => batchRows(manifests), calendarParts };
  const known = new Set(calendarParts);
  let count = 0;
  const batches = manifests.flatMap((manifest) => {
    const parts = partsOf(table, manifest).filter((part) => table.kind !== 'calendar' || isNew(known, part.sha256));
    for (const { rows } of parts) count += rows;
    return parts.length > 0 ? [{ manifest, parts }] : [];
  });
  return {
    count,
    read: () => publishedRows(processed, table, batches),
    calendarParts: [...known].slice(-MOST_CALENDAR_PARTS),
  };
}

function isNew(known: Set<string>, sha256: string): boolean {
  return known.size < known.add(sha256.slice(0, HASH_DIGITS)).size;
}
