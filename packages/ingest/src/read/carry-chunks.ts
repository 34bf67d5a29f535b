import { query } from '@totesys/runtime';
import { type RowSelection, setRowSelection } from '@totesys/source';
import { type ChunkEndRow, findChunkEnd } from '../sql/find-chunk-end.ts';
import { writeSelected } from '../write/write-selected.ts';
import type { RowTally } from './row-tally.ts';
import type { TableProgress } from './table-progress.ts';

/** How rows are carried: all in one chunk, or in chunks of the budget's size; and the tally of each statement. */
export interface ChunkOptions {
  readonly inOneChunk: boolean;
  readonly begin: () => RowTally;
}

/**
 * Carries the selected rows in chunks, in the order of their keys. Returns the last key read if the budget ended it,
 * otherwise undefined.
 */
export async function carryChunks(
  progress: TableProgress,
  selection: RowSelection,
  { inOneChunk: isWhole, begin }: ChunkOptions,
): Promise<number | undefined> {
  const { run, table } = progress;
  let { after } = selection;
  for (;;) {
    const rest: RowSelection = after === undefined ? selection : { ...selection, after };
    const end = isWhole ? undefined : await findEnd(progress, rest);
    const chunk: RowSelection = end === undefined ? rest : { ...rest, through: end };
    run.budget.take(await writeSelected(run, table, 'changed', { selection: chunk, begin }));
    if (end === undefined) return undefined;
    after = end;
    if (run.budget.isSpent) return after;
  }
}

async function findEnd({ run, table }: TableProgress, selection: RowSelection): Promise<number | undefined> {
  const [connection] = run.snapshot.connections;
  await setRowSelection(connection, selection, run.window);
  const text = findChunkEnd(table, selection);
  const [row] = await query<ChunkEndRow>(connection, { text, parameters: [String(run.budget.chunkRows)] });
  return row?.key == null ? undefined : Number(row.key);
}
