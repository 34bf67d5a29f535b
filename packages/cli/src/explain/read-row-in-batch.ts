import {
  findIngestionManifest,
  findProcessedManifest,
  type IngestionManifest,
  KeySet,
  type ObjectPart,
  type ProcessedManifest,
  readQuarantine,
  type SourcePart,
  type Store,
} from '@totesys/lake';
import { findSourceTable, joinsOf, type Model, type SourceTable } from '@totesys/schema';
import { findRow, type Values } from './find-row.ts';
import type { Subject } from './subject.ts';

/** The row as a batch carries it, with the rows that it joins to. */
export interface SourceState {
  readonly role: SourcePart['role'];
  readonly object: string;
  readonly values: Values;
  readonly joined: readonly JoinedRow[];
}

/** A row of another source table that the row joins to. */
interface JoinedRow {
  readonly table: string;
  readonly key: string;
  readonly object: string;
  readonly values: Values;
}

/** A value of the row that breaks the contract. */
export interface QuarantinedState {
  readonly by: 'ingest' | 'transform';
  readonly object: string;
  readonly values: Values;
}

/** The row in a warehouse table as transform derived it from a batch. */
export interface DerivedState {
  readonly table: string;
  readonly object: string;
  readonly values: Values;
}

/** All that one batch contains of the row. */
export interface RowInBatch {
  readonly batch: number;
  readonly sourceClock: string;
  readonly fence: IngestionManifest['fence'];
  readonly requests: readonly string[];
  readonly isTransformed: boolean;
  readonly states: readonly SourceState[];
  /** The object that names the row deleted. */
  readonly deletedBy: string | undefined;
  readonly quarantined: readonly QuarantinedState[];
  readonly derived: readonly DerivedState[];
}

/** Both lakes and their model. */
export interface Lakes {
  readonly model: Model;
  readonly ingestion: Store;
  readonly processed: Store;
}

/** Reads what a batch contains of the row; undefined if it contains nothing or is not committed. */
export async function readRowInBatch(lakes: Lakes, subject: Subject, batch: number): Promise<RowInBatch | undefined> {
  const found = await findIngestionManifest(lakes.ingestion, batch);
  if (!found) return undefined;
  const { manifest } = found;
  const states = await readStates(lakes, subject, manifest);
  const deletedBy = await findDeletion(lakes.ingestion, subject, manifest);
  const broken = await readQuarantinedStates(lakes.ingestion, subject, 'ingest', manifest.quarantined);
  if (states.length === 0 && broken.length === 0 && deletedBy === undefined) return undefined;
  const processed = (await findProcessedManifest(lakes.processed, batch))?.manifest;
  return {
    batch,
    sourceClock: manifest.sourceClock,
    fence: manifest.fence,
    requests: manifest.requests,
    isTransformed: processed !== undefined,
    states,
    deletedBy,
    quarantined: [
      ...broken,
      ...(await readQuarantinedStates(lakes.processed, subject, 'transform', processed?.quarantined ?? [])),
    ],
    derived: processed ? await readDerived(lakes.processed, subject, processed) : [],
  };
}

async function readStates(lakes: Lakes, { source, key }: Subject, manifest: IngestionManifest): Promise<SourceState[]> {
  const states: SourceState[] = [];
  for (const part of manifest.parts) {
    if (part.table !== source.name || part.role === 'lookup') continue;
    const values = await findRow(lakes.ingestion, part, { column: source.key, key }, columnsOf(source));
    if (!values) continue;
    const joined = await readJoined(lakes, manifest, part, values);
    states.push({ role: part.role, object: part.key, values, joined });
  }
  return states;
}

// The manifest names the lookup parts of each part.
async function readJoined(
  { model, ingestion }: Lakes,
  manifest: IngestionManifest,
  part: SourcePart,
  values: Values,
): Promise<JoinedRow[]> {
  const joined: JoinedRow[] = [];
  for (const join of joinsOf(model)) {
    const key = values[join.by];
    if (join.source !== part.table || typeof key !== 'string') continue;
    const table = findSourceTable(model, join.table);
    for (const lookup of manifest.parts) {
      if (!lookup.lookupFor?.some((wanted) => wanted.part === part.key && wanted.by === join.by)) continue;
      const row = await findRow(ingestion, lookup, { column: table.key, key: Number(key) }, columnsOf(table));
      if (row) joined.push({ table: table.name, key, object: lookup.key, values: row });
    }
  }
  return joined;
}

async function findDeletion(store: Store, { source, key }: Subject, manifest: IngestionManifest) {
  const wanted = { column: source.key, key };
  const column = { name: source.key, type: source.columns[source.key]!.type };
  for (const part of manifest.deleted) {
    if (part.table === source.name && (await findRow(store, part, wanted, [column]))) return part.key;
  }
  return undefined;
}

async function readQuarantinedStates(
  store: Store,
  { source, key }: Subject,
  by: QuarantinedState['by'],
  parts: readonly (ObjectPart & { readonly table: string })[],
): Promise<QuarantinedState[]> {
  const states: QuarantinedState[] = [];
  const keys = KeySet.of([[key, key]]);
  for (const part of parts.filter(({ table }) => table === source.name)) {
    for await (const { warehouseTable, column, reason, text, row } of readQuarantine(store, part, keys)) {
      const target = warehouseTable === undefined ? {} : { warehouse_table: warehouseTable };
      states.push({ by, object: part.key, values: { ...target, column, reason, text, row } });
    }
  }
  return states;
}

async function readDerived(
  store: Store,
  { tables, key }: Subject,
  manifest: ProcessedManifest,
): Promise<DerivedState[]> {
  const derived: DerivedState[] = [];
  for (const table of tables) {
    for (const part of manifest.parts) {
      if (part.table !== table.name || part.role !== 'rows') continue;
      const values = await findRow(store, part, { column: table.key, key }, table.columns);
      if (values) derived.push({ table: table.name, object: part.key, values });
    }
  }
  return derived;
}

function columnsOf(table: SourceTable) {
  return Object.entries(table.columns).map(([name, { type }]) => ({ name, type }));
}
