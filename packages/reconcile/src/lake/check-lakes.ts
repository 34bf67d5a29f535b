import {
  compareLedger,
  compareOrigin,
  comparePredecessor,
  findIngestionManifest,
  findNewestBatch,
  findProcessedManifest,
  type IngestionManifest,
  type Manifest,
  namedParts,
  type ProcessedManifest,
  type ReadManifest,
  type Store,
} from '@totesys/lake';
import { ErrorCode, PipelineError, type Telemetry } from '@totesys/runtime';
import type { LedgerEntry } from '@totesys/warehouse';
import { PartChecker } from './check-parts.ts';
import { type LakeFault, LakeFaults } from './lake-fault.ts';

/** What is checked: a lake that is not given is left out, and so is a ledger. */
export interface LakeCheck {
  readonly ingestion: Store | undefined;
  readonly processed: Store | undefined;
  /** Up to a batch that was its newest before the check began: what is loaded meanwhile is no business of it. */
  readonly ledger: AsyncIterable<LedgerEntry> | undefined;
  /** The first batch whose parts are looked at; the chain is followed from the very first. */
  readonly since: number;
  readonly telemetry: Telemetry;
  readonly interrupted: AbortSignal;
}

/** What a check of the lakes found, and how much it looked at. */
export interface LakeResult {
  readonly faults: LakeFaults;
  readonly batches: number;
  readonly parts: number;
  readonly bytes: number;
}

type Found<M extends Manifest> = ReadManifest<M> | undefined;

/**
 * Checks that the chain of manifests is whole in both lakes, that each processed manifest comes from the ingestion manifest beside it, that
 * the ledger names both, and that each part they name is there as they say. Memory does not grow with the lakes.
 */
export async function checkLakes(check: LakeCheck): Promise<LakeResult> {
  const faults = new LakeFaults();
  const parts = new PartChecker();
  // What is derived is looked for first, so that all that it comes from is there.
  const processed = check.processed ? await findNewestBatch(check.processed) : 0;
  const newest = { processed, ingestion: check.ingestion ? await findNewestBatch(check.ingestion) : 0 };
  const ledger = check.ledger?.[Symbol.asyncIterator]();
  let entry = (await ledger?.next())?.value as LedgerEntry | undefined;
  let before: Found<IngestionManifest>;
  let batches = 0;
  for (
    let batch = 1;
    (batch <= Math.max(newest.ingestion, newest.processed) || entry) && !check.interrupted.aborted;
    batch++
  ) {
    const report = (place: LakeFault['place'], fault: string, object?: string) =>
      faults.add({ place, batch, ...(object !== undefined && { object }), fault });
    const read = await readManifest(check.ingestion, 'ingestion', batch, newest, findIngestionManifest, report);
    const derived = await readManifest(check.processed, 'processed', batch, newest, findProcessedManifest, report);
    // A predecessor that cannot be read is reported already.
    if (read && (batch === 1 || before)) {
      for (const fault of comparePredecessor(read.manifest, before)) report('ingestion', fault);
    }
    if (derived && check.ingestion && batch > newest.ingestion) {
      report('ingestion', `has no manifest of batch ${batch}, which the processed lake has`);
    }
    if (read && derived) {
      for (const fault of compareOrigin(derived.manifest, read)) report('processed', fault);
    }
    if (ledger) {
      checkEntry(entry?.batch === batch ? entry : undefined, entry !== undefined, { read, derived }, check, report);
      if (entry?.batch === batch) entry = (await ledger.next()).value as LedgerEntry | undefined;
    }
    if (batch >= check.since) {
      for (const { place, store, part } of partsOf(check, read, derived)) {
        await parts.add(store, part, (fault) => report(place, fault, part.key));
      }
    }
    check.telemetry.progress('lake', batch, Math.max(newest.ingestion, newest.processed));
    before = read;
    batches = batch;
  }
  await parts.end();
  return { faults, batches, parts: parts.parts, bytes: parts.bytes };
}

type Report = (place: LakeFault['place'], fault: string, object?: string) => void;

async function readManifest<M extends Manifest>(
  store: Store | undefined,
  place: 'ingestion' | 'processed',
  batch: number,
  newest: { readonly ingestion: number; readonly processed: number },
  find: (store: Store, batch: number) => Promise<Found<M>>,
  report: Report,
): Promise<Found<M>> {
  if (!store || batch > newest[place]) return undefined;
  try {
    const found = await find(store, batch);
    if (!found) report(place, `has no manifest of batch ${batch}: expected every one up to ${newest[place]}`);
    return found;
  } catch (error) {
    if (!(error instanceof PipelineError) || error.code !== ErrorCode.MANIFEST_UNREADABLE) throw error;
    report(place, error.message);
    return undefined;
  }
}

function checkEntry(
  entry: LedgerEntry | undefined,
  isBefore: boolean,
  { read, derived }: { read: Found<IngestionManifest>; derived: Found<ProcessedManifest> },
  check: LakeCheck,
  report: Report,
): void {
  if (!entry) {
    if (isBefore) report('ledger', 'is not in the ledger, which has a later one: expected no gap');
    return;
  }
  if (check.ingestion && !read) report('ledger', 'was loaded, and the ingestion lake has no such manifest');
  if (check.processed && !derived) report('ledger', 'was loaded, and the processed lake has no such manifest');
  for (const fault of compareLedger(entry, { read, derived })) report('ledger', fault);
}

function* partsOf(check: LakeCheck, read: Found<IngestionManifest>, derived: Found<ProcessedManifest>) {
  for (const [place, found] of [
    ['ingestion', read],
    ['processed', derived],
  ] as const) {
    const store = check[place];
    if (store && found) for (const part of namedParts(found.manifest)) yield { place, store, part };
  }
}
