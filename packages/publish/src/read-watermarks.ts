import { publishedTables } from '@totesys/schema';
import type { PublishDeps } from './publish-deps.ts';
import { readTableState } from './table-state.ts';

/** Returns the watermark of each published table by its name; empty before the first publish. */
export async function readWatermarks(deps: PublishDeps): Promise<Readonly<Record<string, number>>> {
  const watermarks: Record<string, number> = {};
  for (const table of publishedTables(deps.model)) {
    const { metadata, watermark } = await readTableState(deps, table);
    if (metadata) watermarks[table.name] = watermark;
  }
  return watermarks;
}
