import {
  findIngestionManifest,
  findProcessedManifest,
  type IngestionManifest,
  type ObjectPart,
  type ProcessedManifest,
  type SourcePart,
  type Store,
} from '@totesys/lake';
import { findSourceTable, joinsOf, type Model, type SourceTable, text } from '@totesys/schema';
import { findRow, findRows, type Values, valuesAt } from './find-row.ts';
import type { Subject } from './subject.ts';

/** The row as one batch carries it: why, in which object, and the rows that it joins to. */
export interface SourceState {
  readonly role: SourcePart['role'];
  readonly object: string;
  readonly values: Values;
  readonly joined: readonly {
    readonly table: string;
    readonly key: string;
    readonly object: string;
    readonly values: Values;
  }[];
}

/** A value of the row that broke the contract. */
export interface BrokenValue {
  readonly by: 'ingest' | 'transform';
  readonly object: string;
  readonly values: Values;
}

/** The row in a warehouse table as one batch derives it. */
export interface DerivedState {
  readonly table: string;
  readonly object: string;
  readonly values: Values;
}

/** All that one batch says of the subject. */
export interface BatchStory {
  readonly batch: number;
  readonly sourceClock: string;
  readonly fence: IngestionManifest['fence'];
  readonly requests: readonly string[];
  readonly isTransformed: boolean;
  readonly states: readonly SourceState[];
  readonly deletedBy: string | undefined;
  readonly quarantined: readonly BrokenValue[];
  readonly derived: readonly DerivedState[];
}

/** The two lakes and the model by which they are read. */
export interface Lakes {
  readonly model: Model;
  readonly ingestion: Store;
  readonly processed: Store;
}

const QUARANTINE_COLUMNS = ['warehouse_table', 'column', 'reason', 'text', 'row'].map((name) => ({
  name,
  type: text(),
}));

/** Reads what a batch says of the subject; undefined where it says nothing, or is not committed. */
export async function readStory(lakes: Lakes, subject: Subject, batch: number): Promise<BatchStory | undefined> {
  const found = await findIngestionManifest(lakes.ingestion, batch);
  if (!found) return undefined;
  const { manifest } = found;
  const states = await readStates(lakes, subject, manifest);
  const deletedBy = await findDeletion(lakes.ingestion, subject, manifest);
  const broken = await readBroken(lakes.ingestion, subject, 'ingest', manifest.quarantined);
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
      ...(await readBroken(lakes.processed, subject, 'transform', processed?.quarantined ?? [])),
    ],
    derived: processed ? await readDerived(lakes.processed, subject, processed) : [],
  };
}

async function readStates(
  { model, ingestion }: Lakes,
  { source, key }: Subject,
  manifest: IngestionManifest,
): Promise<SourceState[]> {
  const states: SourceState[] = [];
  for (const part of manifest.parts) {
    if (part.table !== source.name || part.role === 'lookup') continue;
    const values = await findRow(ingestion, part, columnsOf(source), source.key, key);
    if (!values) continue;
    const joined = await readJoined(model, ingestion, source, manifest, part, values);
    states.push({ role: part.role, object: part.key, values, joined });
  }
  return states;
}

async function readJoined(
  model: Model,
  store: Store,
  source: SourceTable,
  manifest: IngestionManifest,
  part: SourcePart,
  values: Values,
): Promise<SourceState['joined'][number][]> {
  const joined: SourceState['joined'][number][] = [];
  for (const join of joinsOf(model)) {
    const key = values[join.by];
    if (join.source !== source.name || typeof key !== 'string') continue;
    const table = findSourceTable(model, join.table);
    for (const lookup of manifest.parts) {
      if (!lookup.lookupFor?.some((wanted) => wanted.part === part.key && wanted.by === join.by)) continue;
      const row = await findRow(store, lookup, columnsOf(table), table.key, Number(key));
      if (row) joined.push({ table: table.name, key, object: lookup.key, values: row });
    }
  }
  return joined;
}

async function findDeletion(store: Store, { source, key }: Subject, manifest: IngestionManifest) {
  const column = { name: source.key, type: source.columns[source.key]!.type };
  for (const part of manifest.deleted) {
    if (part.table === source.name && (await findRow(store, part, [column], source.key, key))) return part.key;
  }
  return undefined;
}

async function readBroken(
  store: Store,
  { source, key }: Subject,
  by: BrokenValue['by'],
  parts: readonly (ObjectPart & { readonly table: string })[],
): Promise<BrokenValue[]> {
  const broken: BrokenValue[] = [];
  for (const part of parts.filter(({ table }) => table === source.name)) {
    for await (const { batch, row } of findRows(store, part, 'key', key))
      broken.push({ by, object: part.key, values: valuesAt(batch, row, QUARANTINE_COLUMNS) });
  }
  return broken;
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
      const values = await findRow(store, part, table.columns, table.key, key);
      if (values) derived.push({ table: table.name, object: part.key, values });
    }
  }
  return derived;
}

function columnsOf(table: SourceTable) {
  return Object.entries(table.columns).map(([name, { type }]) => ({ name, type }));
}
