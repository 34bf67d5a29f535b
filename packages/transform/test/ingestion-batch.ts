import {
  coarseRanges,
  type IngestionManifest,
  KeySet,
  partFolder,
  type SourcePart,
  type Store,
  writeManifest,
  writePart,
} from '@totesys/lake';
import { findSourceTable, integer, type Model, type SourceTable, totesysModel } from '@totesys/schema';
import { recordBatchOf, type Value } from '../../columns/test/record-batch-of.ts';
import { ingestionManifest } from '../../lake/test/ingestion-manifest.ts';

/** A source row as a test writes it; `fillIn` returns the columns that it does not name. */
export type Row = Readonly<Record<string, Value>>;

interface PartSpec {
  readonly table: string;
  readonly rows: readonly Row[];
  readonly role?: SourcePart['role'];
  /** Rows that the part looks up, by the joining column. */
  readonly lookups?: Readonly<Record<string, { readonly table: string; readonly rows: readonly Row[] }>>;
}

const CLOCK = '2026-11-22T10:00:00.000000';

/** Writes an ingestion batch and returns the SHA-256 of its manifest, which the next batch names. */
export async function writeBatch(
  store: Store,
  batch: number,
  previous: string | null,
  parts: readonly PartSpec[],
  options: { deleted?: Readonly<Record<string, readonly number[]>>; model?: Model } = {},
): Promise<string> {
  const model = options.model ?? totesysModel;
  const written: SourcePart[] = [];
  for (const { table, rows, role = 'changed', lookups = {} } of parts) {
    const source = findSourceTable(model, table);
    const object = await writeRows(store, source, rows, batch);
    const keys = KeySet.of(rows.map((row, i) => [Number(row[source.key] ?? i + 1), Number(row[source.key] ?? i + 1)]));
    const part = { table, role, ...object, ...(role !== 'lookup' && { keys: coarseRanges(keys) }) };
    written.push(part);
    for (const [by, lookup] of Object.entries(lookups)) {
      const object = await writeRows(store, findSourceTable(model, lookup.table), lookup.rows, batch);
      written.push({ table: lookup.table, role: 'lookup', lookupFor: [{ part: part.key, by }], ...object });
    }
  }
  const deleted: IngestionManifest['deleted'] = [];
  for (const [table, keys] of Object.entries(options.deleted ?? {})) {
    const { key } = findSourceTable(model, table);
    const columns = [{ name: key, type: integer() }];
    const rows = keys.map((value) => ({ [key]: value }));
    const object = await writePart(store, partFolder(`_deleted/${table}`, CLOCK, batch), [
      recordBatchOf(columns, rows),
    ]);
    deleted.push({ table, ...object, keys: coarseRanges(KeySet.of(keys.map((key) => [key, key]))) });
  }
  const manifest = ingestionManifest({ batch, previous, sourceClock: CLOCK, parts: written, deleted });
  return (await writeManifest(store, manifest)).sha256;
}

function writeRows(store: Store, table: SourceTable, rows: readonly Row[], batch: number) {
  const columns = Object.entries(table.columns).map(([name, { type }]) => ({ name, type }));
  const recordBatch = recordBatchOf(columns, rows, ({ name, type }, row) =>
    fillIn(name === table.key ? 'key' : type.kind, row),
  );
  return writePart(store, partFolder(table.name, CLOCK, batch), [recordBatch]);
}

function fillIn(kind: string, row: number): Value {
  switch (kind) {
    case 'key':
      return row + 1;
    case 'boolean':
      return true;
    case 'text':
      return '2024-05-06';
    case 'varchar':
      return 'GBP';
    case 'enum':
      return 'SALE';
    case 'timestamp':
      return 1_700_000_000_000_000n;
    default:
      return 1;
  }
}
