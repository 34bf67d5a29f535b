import {
  type Coverage,
  type IngestionManifest,
  MANIFEST_FORMAT,
  type PutOutcome,
  type TableState,
  writeManifest,
} from '@totesys/lake';
import { sourceTablesInOrder } from '@totesys/schema';
import { coveredThrough, readServer, waitUntilFlushed } from '@totesys/source';
import type { IngestRun } from '../open/ingest-run.ts';
import type { TableChanges } from '../read/table-changes.ts';
import type { Answers } from '../requests/requests.ts';
import { writeKeyIndexes } from './write-key-indexes.ts';
import { writePairs } from './write-pairs.ts';

/** Up to this many ranges of known keys are in the manifest itself: some 20 kB a table. */
const INLINE_RANGES = 1_000;

/** Writes the state that the next run needs, then the manifest, which commits the batch; returns its SHA-256. */
export async function commitBatch(
  run: IngestRun,
  changes: ReadonlyMap<string, TableChanges>,
  answers: Answers,
): Promise<{ outcome: PutOutcome; sha256: string }> {
  const { writer, snapshot, state } = run;
  const { position: walPosition } = await waitUntilFlushed(snapshot);
  const tables: Record<string, TableState> = {};
  for (const { name } of sourceTablesInOrder(run.model)) {
    const change = changes.get(name)!;
    const keys = await writeKnownKeys(run, name, change);
    const { coverage, witness } = change;
    tables[name] = { coverage, keys, layout: run.layout.tables.get(name)!, ...(witness && { witness }) };
  }
  const pairs = await writePairs(run, changes);
  const indexedSpans = await writeKeyIndexes(run);
  const { startedAt } = await readServer(snapshot.connections[0]);
  const manifest: IngestionManifest = {
    format: MANIFEST_FORMAT,
    kind: 'ingestion',
    batch: writer.batch,
    previous: state?.sha256 ?? null,
    codeVersion: run.codeVersion,
    sourceClock: writer.clock,
    source: { ...snapshot.source, walPosition, ...(startedAt && { startedAt }) },
    fence: { from: state?.manifest.fence.to ?? null, to: snapshot.fence },
    tables,
    pairsSince: pairs.since,
    parts: writer.parts,
    deleted: writer.deleted,
    quarantined: writer.quarantined,
    state: writer.state,
    ...(indexedSpans.length > 0 && { indexedSpans }),
    requests: [...answers.ids],
    ...(answers.state && { requestState: answers.state }),
    ...hintOf(run, pairs.ranges),
  };
  return await writeManifest(run.store, manifest);
}

function hintOf({ hint, scannedTo }: IngestRun, pairs: number): Pick<IngestionManifest, 'hint'> {
  return hint?.next ? { hint: { ...hint.next, scannedTo, pairs } } : {};
}

/** Returns whether every table is covered to its end, so that there is nothing more to read at once. */
export function isComplete(changes: ReadonlyMap<string, { readonly coverage: Coverage }>): boolean {
  return [...changes.values()].every(({ coverage }) => coverage === 'full');
}

/**
 * Returns whether a table is covered further, or less far, than the run began with. False before the first batch: an
 * empty source has no batch.
 */
export function movesCoverage(
  { state, coverageBefore }: IngestRun,
  changes: ReadonlyMap<string, { readonly coverage: Coverage }>,
): boolean {
  if (!state) return false;
  return [...changes].some(
    ([table, { coverage }]) => coveredThrough(coverage) !== coveredThrough(coverageBefore.get(table) ?? 'none'),
  );
}

async function writeKnownKeys(run: IngestRun, table: string, change: TableChanges): Promise<TableState['keys']> {
  const before = run.state?.manifest.tables[table]?.keys;
  if (!change.known) return before ?? { count: 0, ranges: [] };
  const { known } = change;
  if (known.rangeCount <= INLINE_RANGES) return { count: known.count, ranges: [...known.ranges()] };
  await run.writer.writeRanges('known-keys', table, known.ranges());
  return { count: known.count, batch: run.writer.batch };
}
