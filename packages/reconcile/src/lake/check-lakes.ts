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

/**
 * Checks that the chain of manifests is whole in both lakes, that each processed manifest comes from the ingestion
 * manifest of its batch, that the ledger names both, and that each part is as its manifest says. Memory does not grow
 * with the lakes.
 */
export async function checkLakes(options: LakeCheckOptions): Promise<LakeResult> {
  const { telemetry, interrupted } = options;
  const startedMs = performance.now();
  const faults = new LakeFaults();
  const parts = new PartChecker();
  const newest = await findNewest(options);
  const last = Math.max(newest.ingestion, newest.processed);
  const ledger = await LedgerCursor.open(options.ledger);
  let before: ReadManifest<IngestionManifest> | undefined;
  let batches = 0;
  for (let batch = 1; (batch <= last || ledger?.hasMore) && !interrupted.aborted; batch++) {
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
    }
    if (batch >= options.since) await addParts(parts, options, manifests, report);
    telemetry.progress('lake', batch, last);
    before = manifests.read;
    batches = batch;
  }
  await parts.end();
  return { faults, batches, parts: parts.parts, bytes: parts.bytes, checkedMs: performance.now() - startedMs };
}

type Newest = Readonly<Record<'ingestion' | 'processed', number>>;

// Looks at the processed lake first: then the ingestion lake has every batch that the processed lake has.
async function findNewest(options: LakeCheckOptions): Promise<Newest> {
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
