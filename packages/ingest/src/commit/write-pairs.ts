import { fenceNumber, readWindowPairs, type WindowPairs } from '@totesys/source';
import type { IngestRun } from '../open/ingest-run.ts';
import type { TableChanges } from '../read/table-changes.ts';

/**
 * From this many parts on, the window pairs are written again as one part, so that runs stay cheap while a transaction
 * is open for hours.
 */
const MAX_PAIR_PARTS = 32;
/** After this many batches that follow hints, one batch writes their pairs again, as one part of each table. */
const MAX_PAIR_BATCHES = 64;

/** The pairs that a later scan needs. */
export interface WrittenPairs {
  /** The oldest batch that has some of them; null if there are none. */
  readonly since: number | null;
  /** An upper bound of the number of their ranges. */
  readonly ranges: number;
}

/** Writes the window pairs of the batch. If earlier batches have many parts with pairs, it writes these pairs again. */
export async function writePairs(run: IngestRun, changes: ReadonlyMap<string, TableChanges>): Promise<WrittenPairs> {
  return run.followed ? await writeFollowed(run, changes) : await writeScanned(run, changes);
}

async function writeScanned(run: IngestRun, changes: ReadonlyMap<string, TableChanges>): Promise<WrittenPairs> {
  const xmin = fenceNumber(run.snapshot.fence.xmin);
  const older = run.pairs.batches.filter(({ xmax }) => xmax > xmin);
  const dropped = [...changes].some(
    ([table, { deleted }]) => deleted.count > 0 && (run.pairs.tables.get(table)?.size ?? 0) > 0,
  );
  const rewrite = older.length > 0 && (dropped || run.pairs.partCount >= MAX_PAIR_PARTS);
  const ranges = await writeAll(run, changes, rewrite ? run.pairs.tables : new Map());
  if (older.length > 0 && !rewrite) return { since: older[0]!.batch, ranges: ranges + countRanges(run.pairs.tables) };
  return { since: ranges > 0 ? run.writer.batch : null, ranges };
}

// The run has not read the pairs since the last scan. It keeps those of deleted keys: a row version comes back only
// with a partition that is attached again, and then runs scan.
async function writeFollowed(run: IngestRun, changes: ReadonlyMap<string, TableChanges>): Promise<WrittenPairs> {
  const { pairsSince, hint } = run.state!.manifest;
  if (pairsSince !== null && run.writer.batch - pairsSince >= MAX_PAIR_BATCHES) {
    const { tables } = await readWindowPairs(run.store, run.state, run.model);
    const ranges = await writeAll(run, changes, tables);
    return { since: ranges > 0 ? run.writer.batch : null, ranges };
  }
  const ranges = await writeAll(run, changes, new Map());
  if (pairsSince === null) return { since: ranges > 0 ? run.writer.batch : null, ranges };
  return { since: pairsSince, ranges: ranges + (hint?.pairs ?? 0) };
}

// Writes the pairs of the batch and those of earlier batches that are passed; returns the number of their ranges.
async function writeAll(
  run: IngestRun,
  changes: ReadonlyMap<string, TableChanges>,
  earlier: ReadonlyMap<string, WindowPairs>,
): Promise<number> {
  const rereadFrom = fenceNumber(run.scannedTo.xmin);
  let ranges = 0;
  for (const [table, { pairs, deleted }] of changes) {
    const before = earlier.get(table)?.kept(rereadFrom, deleted);
    const size = pairs.size + (before?.size ?? 0);
    if (size === 0) continue;
    await run.writer.writeRanges('window-pairs', table, rangesOf(before, pairs));
    ranges += size;
  }
  return ranges;
}

function countRanges(tables: ReadonlyMap<string, WindowPairs>): number {
  return [...tables.values()].reduce((sum, { size }) => sum + size, 0);
}

// A generator, because the scattered keys of a mass update are millions of ranges.
function* rangesOf(...all: readonly (WindowPairs | undefined)[]): Generator<[number, number, number]> {
  for (const pairs of all) if (pairs) yield* pairs.ranges();
}
