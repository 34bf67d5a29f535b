import { ErrorCode, PipelineError } from '@totesys/runtime';
import { isSafeNumber, parse, stringify } from 'lossless-json';
import * as z from 'zod';
import { REBUILD } from '../place.ts';

/** The version of the table format that this package writes. Later ones have features that it does not know. */
const FORMAT_VERSION = 2;

// Ids of snapshots have 63 bits, more than a JavaScript number.
const long = z.union([z.number().int(), z.bigint()]).transform(BigInt);
const integer = z.number().int();
const texts = z.record(z.string(), z.string());

const schema = z.looseObject({
  type: z.literal('struct'),
  'schema-id': integer,
  fields: z.array(
    z.looseObject({
      id: integer,
      name: z.string(),
      required: z.boolean(),
      type: z.unknown(),
      doc: z.string().optional(),
    }),
  ),
});

const snapshot = z.looseObject({
  'snapshot-id': long,
  'parent-snapshot-id': long.nullish(),
  'sequence-number': long,
  'timestamp-ms': integer,
  'manifest-list': z.string(),
  summary: texts.default({}),
  'schema-id': integer.optional(),
});

/** Unknown fields of other writers are kept. */
const tableMetadata = z.looseObject({
  'format-version': z.literal(FORMAT_VERSION),
  'table-uuid': z.string(),
  location: z.string(),
  'last-sequence-number': long,
  'last-updated-ms': integer,
  'last-column-id': integer,
  'current-schema-id': integer,
  schemas: z.array(schema),
  'default-spec-id': integer,
  'partition-specs': z.array(z.looseObject({ 'spec-id': integer, fields: z.array(z.unknown()) })),
  'last-partition-id': integer,
  'default-sort-order-id': integer,
  'sort-orders': z.array(z.looseObject({ 'order-id': integer })),
  properties: texts.default({}),
  'current-snapshot-id': long.nullish(),
  refs: z.record(z.string(), z.looseObject({ 'snapshot-id': long, type: z.string() })).default({}),
  snapshots: z.array(snapshot).default([]),
  'snapshot-log': z.array(z.looseObject({ 'timestamp-ms': integer, 'snapshot-id': long })).default([]),
  'metadata-log': z.array(z.looseObject({ 'timestamp-ms': integer, 'metadata-file': z.string() })).default([]),
});

/** The metadata of an Iceberg table, format version 2. */
export type TableMetadata = z.output<typeof tableMetadata>;
/** A snapshot in table metadata. */
export type Snapshot = TableMetadata['snapshots'][number];

/** Parses a metadata object; `name` is its URI, for messages. */
export function parseMetadata(body: Uint8Array, name: string): TableMetadata {
  let content: unknown;
  try {
    content = parse(Buffer.from(body).toString('utf8'), undefined, parseNumber);
  } catch (error) {
    throw unreadable(name, 'is not JSON', error);
  }
  const version = (content as { 'format-version'?: unknown } | null)?.['format-version'];
  if (typeof version === 'number' && version > FORMAT_VERSION) throw formatNewer(name, version);
  const parsed = tableMetadata.safeParse(content);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.slice(0, 3).map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
  throw unreadable(name, `is not the metadata of an Iceberg table (${faults.join('; ')})`);
}

/** Returns the bytes of a metadata object. */
export function formatMetadata(metadata: TableMetadata): Uint8Array {
  return Buffer.from(`${stringify(metadata)}\n`);
}

/** Returns the current schema; throws if the metadata has none. */
export function currentSchema(metadata: TableMetadata): TableMetadata['schemas'][number] {
  const found = metadata.schemas.find((each) => each['schema-id'] === metadata['current-schema-id']);
  if (!found) throw unreadable(metadata.location, `has no schema ${metadata['current-schema-id']}, its current one`);
  return found;
}

/** Returns the current snapshot; undefined if the table has none. */
export function findCurrentSnapshot(metadata: TableMetadata): Snapshot | undefined {
  return findSnapshot(metadata, metadata['current-snapshot-id']);
}

/** Returns the snapshot with an id; undefined if the metadata no longer has it. */
export function findSnapshot({ snapshots }: TableMetadata, id: bigint | null | undefined): Snapshot | undefined {
  return snapshots.find((each) => each['snapshot-id'] === id);
}

function parseNumber(text: string): number | bigint {
  return isSafeNumber(text) || !/^-?\d+$/.test(text) ? Number(text) : BigInt(text);
}

function formatNewer(name: string, version: number): PipelineError {
  return new PipelineError(
    ErrorCode.ICEBERG_FORMAT_NEWER,
    `Table metadata '${name}' has Iceberg format version ${version}: expected at most ${FORMAT_VERSION}. Another ` +
      'writer has upgraded the table. Use a version of totesys that knows the format, or write the tables again in ' +
      `format ${FORMAT_VERSION} with: ${REBUILD}`,
    { context: { metadata: name, version } },
  );
}

function unreadable(name: string, fault: string, cause?: unknown): PipelineError {
  return new PipelineError(
    ErrorCode.ICEBERG_CHANGED,
    `Table metadata '${name}' ${fault}. Restore it, or write the tables again with: ${REBUILD}`,
    { context: { metadata: name }, cause },
  );
}
