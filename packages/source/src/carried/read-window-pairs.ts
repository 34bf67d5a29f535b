import { type IngestionManifest, type ObjectPart, readIngestionManifest, readPart, type Store } from '@totesys/lake';
import type { Model } from '@totesys/schema';
import { fenceNumber } from '../snapshot/fence.ts';
import { completeBefore } from './complete-before.ts';
import type { IngestState } from './ingest-state.ts';
import { type WindowPairs, WindowPairsBuilder } from './window-pairs.ts';

/** The window pairs of earlier batches by table, and how many parts hold them. */
export interface CarriedPairs {
  readonly tables: ReadonlyMap<string, WindowPairs>;
  readonly partCount: number;
  /** The batches with these pairs, oldest first, and the xmax of each one's fence: no pair of the batch is younger. */
  readonly batches: readonly { readonly batch: number; readonly xmax: number }[];
}

/**
 * Reads the window pairs of the model's tables: those of transactions from `from` on, by default from the first
 * one that a scan reads again. It reads the newest batches first, and stops at a batch that has only older pairs.
 */
export async function readWindowPairs(
  store: Store,
  state: IngestState | undefined,
  model: Model,
  from = state ? completeBefore(state.manifest) : '0',
): Promise<CarriedPairs> {
  const least = fenceNumber(from);
  const builders = new Map(model.source.map((table) => [table.name, new WindowPairsBuilder()]));
  const batches: { batch: number; xmax: number }[] = [];
  let partCount = 0;
  for await (const manifest of readManifests(store, state)) {
    const xmax = fenceNumber(manifest.fence.to.xmax);
    if (xmax <= least) break;
    const parts = manifest.state.filter((part) => part.kind === 'window-pairs');
    if (parts.length > 0) batches.unshift({ batch: manifest.batch, xmax });
    for (const part of parts) {
      partCount++;
      const builder = builders.get(part.table);
      for await (const [id, first, last] of readRanges(store, part)) {
        if (id! >= least) builder?.add(id!, first!, last!);
      }
    }
  }
  const tables = new Map([...builders].map(([table, builder]) => [table, builder.build()]));
  return { tables, partCount, batches };
}

// Returns the manifests that may have pairs, newest first.
async function* readManifests(store: Store, state: IngestState | undefined): AsyncGenerator<IngestionManifest> {
  const since = state?.manifest.pairsSince ?? null;
  if (!state || since === null) return;
  yield state.manifest;
  for (let batch = state.manifest.batch - 1; batch >= since; batch--) {
    yield (await readIngestionManifest(store, batch)).manifest;
  }
}

async function* readRanges(store: Store, part: ObjectPart): AsyncGenerator<number[]> {
  for await (const rows of readPart(store, part)) {
    const columns = rows.data.children.map((child) => child.values as BigInt64Array);
    for (let row = 0; row < rows.numRows; row++) yield columns.map((values) => Number(values[row]));
  }
}
