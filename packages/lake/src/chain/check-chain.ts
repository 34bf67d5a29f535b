import type { IngestionManifest, ProcessedManifest } from '../manifests/manifest.ts';
import { findNewestBatch } from '../manifests/newest-batch.ts';
import {
  findIngestionManifest,
  findProcessedManifest,
  type ReadManifest,
  readProcessedManifest,
} from '../manifests/read-manifest.ts';
import type { Store } from '../stores/store.ts';
import {
  type ChainHead,
  findBrokenLink,
  followerBroken,
  type Lakes,
  ledgerBroken,
  originBroken,
  predecessorBroken,
  sequenceBroken,
} from './chain.ts';

/** The head of a chain without a batch. */
export const NO_BATCH: ChainHead = { batch: 0, sha256: null };

type Manifest = Pick<IngestionManifest, 'batch' | 'previous'>;

/**
 * Throws unless the newest manifest follows the one before it. If ingest added a batch to an altered manifest,
 * restoring that manifest could no longer repair the chain.
 */
export async function checkPredecessor(ingestion: Store, { batch, previous }: Manifest): Promise<void> {
  const before = batch === 1 ? NO_BATCH : await findIngestionManifest(ingestion, batch - 1);
  if (!before) throw predecessorBroken(ingestion, { batch, expected: null, got: previous }, true);
  const broken = findBrokenLink(batch, before.sha256, previous);
  if (broken) throw predecessorBroken(ingestion, broken);
}

/** Throws unless a manifest follows the newest batch of the processed lake. */
export function checkSequence(ingestion: Store, { sha256 }: Pick<ChainHead, 'sha256'>, manifest: Manifest): void {
  const broken = findBrokenLink(manifest.batch, sha256, manifest.previous);
  if (broken) throw sequenceBroken(ingestion, broken);
}

/** Throws if the next manifest names another predecessor: the batch was altered after ingest added the next one. */
export function checkFollower(
  ingestion: Store,
  { manifest: { batch }, sha256 }: ReadManifest<IngestionManifest>,
  next: ReadManifest<IngestionManifest> | undefined,
): void {
  const broken = next && findBrokenLink(batch, next.manifest.previous, sha256);
  if (broken) throw followerBroken(ingestion, broken);
}

/**
 * Throws unless the ingestion lake has the batch with which the processed lake ends, and returns that batch. Another
 * lake or an older copy lacks it: ingest would use the numbers of the lost batches again, and transform would skip the
 * new batches under these numbers.
 */
export async function checkOrigin(ingestion: Store, processed: Store): Promise<ChainHead> {
  const batch = await findNewestBatch(processed);
  if (batch === 0) return NO_BATCH;
  const { manifest } = await readProcessedManifest(processed, batch);
  const found = await findIngestionManifest(ingestion, batch);
  checkDerivation({ ingestion, processed }, manifest, found?.sha256);
  return { batch, sha256: manifest.ingestion.sha256 };
}

/** Throws unless a processed batch was derived from the ingestion manifest with the SHA-256 `got`. */
export function checkDerivation(
  lakes: Lakes,
  { batch, ingestion }: Pick<ProcessedManifest, 'batch' | 'ingestion'>,
  got: string | undefined,
): void {
  const broken = findBrokenLink(batch, ingestion.sha256, got ?? null);
  if (broken) throw originBroken(lakes, broken);
}

/** Throws unless the ingestion lake has the batch with which the ledger ends; an empty ledger fits every lake. */
export async function checkIngestionHead(ingestion: Store, head: ChainHead): Promise<void> {
  const found = head.batch === 0 ? undefined : await findIngestionManifest(ingestion, head.batch);
  checkHead(ingestion, head, found?.sha256);
}

/** Throws unless the processed lake has the batch with which the ledger ends; an empty ledger fits every lake. */
export async function checkProcessedHead(processed: Store, head: ChainHead): Promise<void> {
  const found = head.batch === 0 ? undefined : await findProcessedManifest(processed, head.batch);
  checkHead(processed, head, found?.manifest.ingestion.sha256);
}

/** Throws unless a processed batch follows the one with which the ledger ends. */
export function checkNextBatch(
  processed: Store,
  { sha256 }: Pick<ChainHead, 'sha256'>,
  { batch, ingestion }: Pick<ProcessedManifest, 'batch' | 'ingestion'>,
): void {
  const broken = findBrokenLink(batch, sha256, ingestion.previous);
  if (broken) throw ledgerBroken(processed, broken);
}

function checkHead(lake: Store, { batch, sha256 }: ChainHead, got: string | undefined): void {
  const broken = findBrokenLink(batch, sha256, got ?? null);
  if (broken) throw ledgerBroken(lake, broken);
}
