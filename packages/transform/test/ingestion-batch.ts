import {
  arrowSchema,
  BooleanBuilder,
  columnBuilder,
  DecimalBuilder,
  Int32Builder,
  Int64Builder,
  TextBuilder,
} from '@totesys/columns';
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
import * as arrow from 'apache-arrow';
import { ingestionManifest } from '../../lake/test/ingestion-manifest.ts';

/** A source row as a test writes it: money unscaled, timestamps in microseconds since 1970, what is left out filled in. */
export type Row = Readonly<Record<string, string | number | bigint | boolean | null>>;

interface PartSpec {
  readonly table: string;
  readonly rows: readonly Row[];
  readonly role?: SourcePart['role'];
  /** Rows that the part looks up, by the joining column. */
  readonly lookups?: Readonly<Record<string, { readonly table: string; readonly rows: readonly Row[] }>>;
}

const CLOCK = '2026-11-22T10:00:00.000000';

/** Writes an ingestion batch by hand; gives the SHA-256 of its manifest, which the next batch names. */
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
    const schema = arrowSchema([{ name: findSourceTable(model, table).key, type: integer() }]);
    const children = [arrow.makeVector(Int32Array.from(keys)).data[0]!];
    const data = arrow.makeData({ type: new arrow.Struct(schema.fields), length: keys.length, nullCount: 0, children });
    const object = await writePart(store, partFolder(`_deleted/${table}`, CLOCK, batch), [
      new arrow.RecordBatch(schema, data),
    ]);
    deleted.push({ table, ...object, keys: coarseRanges(KeySet.of(keys.map((key) => [key, key]))) });
  }
  const manifest = ingestionManifest({ batch, previous, sourceClock: CLOCK, parts: written, deleted });
  return (await writeManifest(store, manifest)).sha256;
}

async function writeRows(store: Store, table: SourceTable, rows: readonly Row[], batch: number) {
  const columns = Object.entries(table.columns).map(([name, { type }]) => ({ name, type }));
  const children = columns.map(({ name, type }) => {
    const builder = columnBuilder(type);
    rows.forEach((row, i) => {
      const value = name in row ? row[name] : fillIn(name === table.key ? 'key' : type.kind, i);
      if (value === null || value === undefined) builder.appendNull();
      else if (builder instanceof TextBuilder) builder.append(String(value));
      else if (builder instanceof BooleanBuilder) builder.append(Boolean(value));
      else if (builder instanceof Int32Builder) builder.append(Number(value));
      else if (builder instanceof Int64Builder || builder instanceof DecimalBuilder)
        builder.appendBigInt(BigInt(value));
    });
    return builder.finish();
  });
  const schema = arrowSchema(columns);
  const data = arrow.makeData({ type: new arrow.Struct(schema.fields), length: rows.length, nullCount: 0, children });
  return writePart(store, partFolder(table.name, CLOCK, batch), [new arrow.RecordBatch(schema, data)]);
}

function fillIn(kind: string, row: number): string | number | bigint | boolean {
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
