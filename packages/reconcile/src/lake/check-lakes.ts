import {
  findIngestionManifest,
  findNewestBatch,
  findProcessedManifest,
  type IngestionManifest,
  namedParts,
  type ReadManifest,
  type Store,
} from '@totesys/lake';
import { ErrorCode, PipelineError, type Telemetry } from '@totesys/runtime';
import type { LedgerEntry } from '@totesys/warehouse';
import { type BatchManifests, checkLedgerEntry, checkManifests } from './check-batch.ts';
import { PartChecker } from './check-parts.ts';
import type { StateChecker } from './check-states.ts';
import { LakeFaults, type Report } from './lake-fault.ts';

/** What is checked: a lake or a ledger that is undefined is left out. */
export interface LakeCheckOptions {
  readonly ingestion: Store | undefined;
  readonly processed: Store | undefined;
  /**
   * Ends with the batch that was its newest before the check began, because the check may not read the manifests of
   * later ones.
   */
  readonly ledger: AsyncIterable<LedgerEntry> | undefined;
  /** Checks the history of the dimensions against the parts of the processed lake. */
  readonly states?: StateChecker | undefined;
  /** The first batch whose parts are checked. The chain is checked from the first batch on. */
  readonly since: number;
  readonly telemetry: Telemetry;
  readonly interrupted: AbortSignal;
}

/** What a check of the lakes found, and how much it checked. */
export interface LakeResult {
  readonly faults: LakeFaults;
  readonly batches: number;
  readonly parts: number;
  readonly bytes: number;
  /** How long the check took: milliseconds. */
  readonly checkedMs: number;
}

/** The newest batch of each lake. */
export type Newest = Readonly<Record<'ingestion' | 'processed', number>>;

/** A check of the lakes in progress. */
export interface LakeCheck {
  readonly newest: Newest;
  readonly faults: LakeFaults;
  readonly parts: PartChecker;
  /** Batches taken so far. */
  batches: number;
}

/** The batches that a check takes in order. */
export interface LakeWindow {
  readonly first: number;
  readonly last: number;
  /** Whether the check goes on to the last entry of the ledger. */
  readonly followsLedger: boolean;
  /** Returns whether the check may take another batch. */
  readonly mayGoOn: () => boolean;
}

/**
 * Checks that the chain of manifests is whole in both lakes, that each processed manifest comes from the ingestion
 * manifest of its batch, that the ledger names both, that each part is as its manifest says, and that the history of
 * the dimensions is that of the parts. Memory does not grow with the lakes.
 */
export async function checkLakes(options: LakeCheckOptions): Promise<LakeResult> {
  const startedMs = performance.now();
  const newest = await findNewest(options);
  const check = { newest, faults: new LakeFaults(), parts: new PartChecker(), batches: 0 };
  const last = Math.max(newest.ingestion, newest.processed);
  await checkWindow(options, check, { first: 1, last, followsLedger: true, mayGoOn: () => true });
  await check.parts.end();
  const { faults, parts, batches } = check;
  return { faults, batches, parts: parts.parts, bytes: parts.bytes, checkedMs: performance.now() - startedMs };
}

/**
 * Checks the batches of a window and returns the last one that it took, the one before the window for none. The
 * ledger of the options begins with the window. The caller waits for the parts.
 */
export async function checkWindow(options: LakeCheckOptions, check: LakeCheck, window: LakeWindow): Promise<number> {
  const { telemetry, interrupted } = options;
  const { newest, faults, parts } = check;
  const { first, last, followsLedger } = window;
  const ledger = await LedgerCursor.open(options.ledger);
  let before = await findBefore(options, first);
  let checked = first - 1;
  for (let batch = first; batch <= last || (followsLedger && ledger?.hasMore); batch++) {
    if (interrupted.aborted || !window.mayGoOn()) break;
    const report: Report = (place, fault, object) =>
      faults.add({ place, batch, ...(object !== undefined && { object }), fault });
    const manifests = await readManifests(options, batch, newest, report);
    if (manifests.derived && options.ingestion && batch > newest.ingestion) {
      report('ingestion', `has no manifest of batch ${batch}, which the processed lake has`);
    }
    checkManifests(batch, manifests, before, report);
    if (ledger) {
      const { hasMore } = ledger;
      const entry = await ledger.take(batch);
      if (entry) checkLedgerEntry(entry, manifests, options, report);
      else if (hasMore) report('ledger', 'is not in the ledger, which has a later one: expected no gap');
      if (entry && batch >= options.since) await checkStates(options, entry, manifests, report);
    }
    if (batch >= options.since) await addParts(parts, options, manifests, report);
    telemetry.progress('lake', batch, last);
    before = manifests.read;
    check.batches++;
    checked = batch;
  }
  return checked;
}

// The window before this one reports a predecessor that cannot be read.
async function findBefore(
  { ingestion }: LakeCheckOptions,
  first: number,
): Promise<ReadManifest<IngestionManifest> | undefined> {
  if (!ingestion || first === 1) return undefined;
  try {
    return await findIngestionManifest(ingestion, first - 1);
  } catch (error) {
    if (error instanceof PipelineError && error.code === ErrorCode.MANIFEST_UNREADABLE) return undefined;
    throw error;
  }
}

/**
 * Returns the newest batch of each lake. It looks at the processed lake first: then the ingestion lake has every batch
 * that the processed lake has.
 */
export async function findNewest(options: Pick<LakeCheckOptions, 'ingestion' | 'processed'>): Promise<Newest> {
  const processed = options.processed ? await findNewestBatch(options.processed) : 0;
  return { processed, ingestion: options.ingestion ? await findNewestBatch(options.ingestion) : 0 };
}

async function readManifests(
  { ingestion, processed }: LakeCheckOptions,
  batch: number,
  newest: Newest,
  report: Report,
): Promise<BatchManifests> {
  const read = async <M>(place: keyof Newest, find: () => Promise<M | undefined> | undefined) => {
    if (batch > newest[place]) return undefined;
    try {
      const found = await find();
      if (!found) report(place, `has no manifest of batch ${batch}: expected every one up to ${newest[place]}`);
      return found;
    } catch (error) {
      if (!(error instanceof PipelineError) || error.code !== ErrorCode.MANIFEST_UNREADABLE) throw error;
      report(place, error.message);
      return undefined;
    }
  };
  return {
    read: await read('ingestion', () => ingestion && findIngestionManifest(ingestion, batch)),
    derived: await read('processed', () => processed && findProcessedManifest(processed, batch)),
  };
}

async function checkStates(
  { processed, states }: LakeCheckOptions,
  entry: LedgerEntry,
  { derived }: BatchManifests,
  report: Report,
): Promise<void> {
  // The ledger names another manifest, which is reported: its rows are not those that were loaded.
  if (derived?.sha256 !== entry.processedSha256 || !processed) return;
  await states?.check(processed, derived.manifest, report);
}

async function addParts(
  checker: PartChecker,
  { ingestion, processed }: LakeCheckOptions,
  { read, derived }: BatchManifests,
  report: Report,
): Promise<void> {
  const lakes = [
    { place: 'ingestion', store: ingestion, found: read },
    { place: 'processed', store: processed, found: derived },
  ] as const;
  for (const { place, store, found } of lakes) {
    if (!store || !found) continue;
    for (const part of namedParts(found.manifest)) {
      await checker.add(store, part, (fault) => report(place, fault, part.key));
    }
  }
}

/** Reads the ledger in step with the manifests, one entry ahead. */
class LedgerCursor {
  #entry: LedgerEntry | undefined;
  readonly #entries: AsyncIterator<LedgerEntry>;

  private constructor(entries: AsyncIterator<LedgerEntry>) {
    this.#entries = entries;
  }

  /** Opens a ledger at its first entry; without a ledger there is no cursor. */
  static async open(ledger: AsyncIterable<LedgerEntry> | undefined): Promise<LedgerCursor | undefined> {
    if (!ledger) return undefined;
    const cursor = new LedgerCursor(ledger[Symbol.asyncIterator]());
    await cursor.advance();
    return cursor;
  }

  get hasMore(): boolean {
    return this.#entry !== undefined;
  }

  /** Returns the entry of a batch and moves past it; undefined where the ledger has none. */
  async take(batch: number): Promise<LedgerEntry | undefined> {
    const entry = this.#entry;
    if (entry?.batch !== batch) return undefined;
    await this.advance();
    return entry;
  }

  private async advance(): Promise<void> {
    const { done, value } = await this.#entries.next();
    this.#entry = done === true ? undefined : value;
  }
}
