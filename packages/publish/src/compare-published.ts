import { createHash } from 'node:crypto';
import { dataOf, exactText } from '@totesys/columns';
import {
  type DataRows,
  fileMissing,
  findCurrentSnapshot,
  findKeyOf,
  readManifest,
  readManifestList,
} from '@totesys/iceberg';
import { openParquet } from '@totesys/lake';
import type { DerivedPlace } from '@totesys/lake/derived';
import { type PublishedTable, publishedTables } from '@totesys/schema';
import { findVisibleBatches } from './find-visible-batches.ts';
import type { PublishDeps } from './publish-deps.ts';
import { tableRows } from './table-rows.ts';
import { changed, readTableState, type TableState } from './table-state.ts';

/** Bytes of a row's hash that are summed. */
const HASH_BYTES = 8;
/** The content of manifests with data files; others have deletes. */
const DATA = 0;

/** Rows of a batch in a table: their number, and the sum of their hashes, which their order does not change. */
interface BatchTotal {
  rows: number;
  sum: bigint;
}

/** A batch that a published table shows in another way than the lake. */
export interface PublishedDifference {
  readonly table: string;
  readonly batch: number;
  /** Rows in the lake, and in the table; if they are equal, values differ. */
  readonly expected: number;
  readonly got: number;
}

/** The result of comparing the published tables with the lake. */
export interface PublishedComparison {
  readonly ok: boolean;
  readonly tables: readonly { readonly table: string; readonly watermark: number; readonly rows: number }[];
  readonly differences: readonly PublishedDifference[];
}

/** Compares every batch of every published table with the parts of the lake: the number of rows, and a checksum. */
export async function comparePublished(deps: PublishDeps): Promise<PublishedComparison> {
  const tables: { table: string; watermark: number; rows: number }[] = [];
  const differences: PublishedDifference[] = [];
  for (const table of publishedTables(deps.model)) {
    const state = await readTableState(deps, table);
    const expected = await sumLake(deps, table, state.watermark);
    const got = await sumTable(deps.place, table, state);
    tables.push({ table: table.name, watermark: state.watermark, rows: countRows(got) });
    differences.push(...findDifferences(table.name, expected, got));
  }
  return { ok: differences.length === 0, tables, differences };
}

async function sumLake(deps: PublishDeps, table: PublishedTable, watermark: number) {
  const totals = new Map<number, BatchTotal>();
  let calendarParts: readonly string[] = [];
  for (let first = 1; first <= watermark; ) {
    const found = await findVisibleBatches(deps, first);
    const manifests = found.manifests.filter(({ batch }) => batch <= watermark);
    if (manifests.length === 0) break;
    const rows = tableRows(deps, table, manifests, calendarParts);
    for await (const each of rows.read()) addRows(totals, table, each);
    calendarParts = rows.calendarParts;
    first = manifests.at(-1)!.batch + 1;
  }
  return totals;
}

async function sumTable(place: DerivedPlace, table: PublishedTable, { metadata }: TableState) {
  const totals = new Map<number, BatchTotal>();
  const snapshot = metadata && findCurrentSnapshot(metadata);
  for (const manifest of snapshot ? await readManifestList(place, snapshot['manifest-list']) : []) {
    if (manifest.content !== DATA) throw changed(table, 'has deleted rows, expected data files only');
    for (const { data_file } of await readManifest(place, manifest)) {
      const key = findKeyOf(place, data_file.file_path);
      const body = key === undefined ? undefined : await place.store.find(key);
      if (!body) throw fileMissing(place, data_file.file_path);
      for (const batch of openParquet(body).batches()) {
        const columns = table.columns.map(({ name }) => dataOf(batch, name));
        addRows(totals, table, { columns, length: batch.numRows });
      }
    }
  }
  return totals;
}

function addRows(totals: Map<number, BatchTotal>, { columns }: PublishedTable, rows: DataRows): void {
  const batches = rows.columns[0]!.values as BigInt64Array;
  for (let row = 0; row < rows.length; row++) {
    const batch = Number(batches[row]);
    const total = totals.get(batch) ?? { rows: 0, sum: 0n };
    totals.set(batch, total);
    const values = columns.map(({ type }, i) => exactText(type, rows.columns[i]!, row));
    total.rows++;
    const hash = createHash('sha256').update(JSON.stringify(values)).digest();
    total.sum = BigInt.asUintN(8 * HASH_BYTES, total.sum + hash.readBigUInt64BE());
  }
}

function findDifferences(
  table: string,
  expected: ReadonlyMap<number, BatchTotal>,
  got: ReadonlyMap<number, BatchTotal>,
): PublishedDifference[] {
  const batches = [...new Set([...expected.keys(), ...got.keys()])].sort((a, b) => a - b);
  return batches.flatMap((batch) => {
    const [wanted, found] = [expected.get(batch), got.get(batch)];
    if (wanted?.rows === found?.rows && wanted?.sum === found?.sum) return [];
    return [{ table, batch, expected: wanted?.rows ?? 0, got: found?.rows ?? 0 }];
  });
}

function countRows(totals: ReadonlyMap<number, BatchTotal>): number {
  return [...totals.values()].reduce((sum, { rows }) => sum + rows, 0);
}
