import {
  type Coverage,
  findNewestBatch,
  type IngestionManifest,
  KeySet,
  type ObjectPart,
  readIngestionManifest,
  readPart,
  readPartRanges,
  type Store,
} from '@totesys/lake';
import type { Model, SourceTable } from '@totesys/schema';
import { fenceNumber } from '../snapshot/fence.ts';
import { type WindowPairs, WindowPairsBuilder } from './window-pairs.ts';

/** The last manifest and its SHA-256: all that a run knows of the runs before it. */
export interface IngestState {
  readonly manifest: IngestionManifest;
  readonly sha256: string;
}

/** Reads the newest manifest; undefined before the first. */
export async function readIngestState(store: Store): Promise<IngestState | undefined> {
  const batch = await findNewestBatch(store);
  return batch === 0 ? undefined : await readIngestionManifest(store, batch);
}

/** Returns a table's coverage in the last manifest. */
export function coverageBefore(state: IngestState | undefined, table: SourceTable): Coverage {
  return state?.manifest.tables[table.name]?.coverage ?? 'none';
}

/** Returns how many keys of a table are known. */
export function knownKeyCount(state: IngestState | undefined, table: SourceTable): number {
  return state?.manifest.tables[table.name]?.keys.count ?? 0;
}

/** Reads a table's known keys. */
export async function readKnownKeys(store: Store, state: IngestState | undefined, table: SourceTable): Promise<KeySet> {
  const keys = state?.manifest.tables[table.name]?.keys;
  if (!state || !keys) return KeySet.empty;
  if ('ranges' in keys) return KeySet.of(keys.ranges);
  const holder =
    keys.batch === state.manifest.batch ? state.manifest : (await readIngestionManifest(store, keys.batch)).manifest;
  return await readPartRanges(
    store,
    holder.state.filter((part) => part.kind === 'known-keys' && part.table === table.name),
  );
}

/** The window pairs of earlier batches by table, and how many parts hold them. */
export interface CarriedPairs {
  readonly tables: ReadonlyMap<string, WindowPairs>;
  readonly partCount: number;
  /** The batches with these pairs, and the xmax of each one's fence: no pair of the batch is younger. */
  readonly batches: readonly { readonly batch: number; readonly xmax: number }[];
}

/** Reads the window pairs of the model's tables, from the batch that the last manifest names in `pairsSince` on. */
export async function readWindowPairs(
  store: Store,
  state: IngestState | undefined,
  model: Model,
): Promise<CarriedPairs> {
  const builders = new Map(model.source.map((table) => [table.name, new WindowPairsBuilder()]));
  const batches: { batch: number; xmax: number }[] = [];
  let partCount = 0;
  const since = state?.manifest.pairsSince ?? null;
  const built = () => ({
    tables: new Map([...builders].map(([table, builder]) => [table, builder.build()])),
    partCount,
    batches,
  });
  if (!state || since === null) return built();
  const xmin = fenceNumber(state.manifest.fence.to.xmin);
  for (let batch = since; batch <= state.manifest.batch; batch++) {
    const manifest =
      batch === state.manifest.batch ? state.manifest : (await readIngestionManifest(store, batch)).manifest;
    const parts = manifest.state.filter((part) => part.kind === 'window-pairs');
    if (parts.length > 0) batches.push({ batch, xmax: fenceNumber(manifest.fence.to.xmax) });
    for (const part of parts) {
      partCount++;
      const builder = builders.get(part.table);
      for await (const [id, first, last] of readRanges(store, part)) {
        if (id! >= xmin) builder?.add(id!, first!, last!);
      }
    }
  }
  return built();
}

async function* readRanges(store: Store, part: ObjectPart): AsyncGenerator<number[]> {
  for await (const rows of readPart(store, part)) {
    const columns = rows.data.children.map((child) => child.values as BigInt64Array);
    for (let row = 0; row < rows.numRows; row++) yield columns.map((values) => Number(values[row]));
  }
}
