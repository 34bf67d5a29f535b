import { type ObjectPart, readIngestionManifest, readPart, type Store } from '@totesys/lake';
import type { Model } from '@totesys/schema';
import { fenceNumber } from '../snapshot/fence.ts';
import type { IngestState } from './ingest-state.ts';
import { type WindowPairs, WindowPairsBuilder } from './window-pairs.ts';

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
