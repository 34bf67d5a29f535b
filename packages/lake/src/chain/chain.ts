import { ErrorCode, PipelineError } from '@totesys/runtime';
import { FROM_BACKUP } from '../stores/from-backup.ts';
import type { Store } from '../stores/store.ts';

/** The newest batch of a lake or of the ledger, and the SHA-256 of its ingestion manifest; 0 and null for none. */
export interface ChainHead {
  readonly batch: number;
  readonly sha256: string | null;
}

/** A batch where the chain breaks: the SHA-256 of an ingestion manifest, expected and found; null for no manifest. */
export interface BrokenLink {
  readonly batch: number;
  readonly expected: string | null;
  readonly got: string | null;
}

/** Returns the broken link if the two SHA-256 of an ingestion manifest differ. */
export function findBrokenLink(batch: number, expected: string | null, got: string | null): BrokenLink | undefined {
  return expected === got ? undefined : { batch, expected, got };
}

/** Returns the part of a message that names two values that differ. */
export function describeLink({ expected, got }: Omit<BrokenLink, 'batch'>, none = 'none'): string {
  return `expected ${expected ?? none}, got ${got ?? none}`;
}

/** Error for a newest manifest that does not follow the one before it, which may be missing. */
export function predecessorBroken(ingestion: Store, link: BrokenLink, isMissing = false): PipelineError {
  const { batch } = link;
  const expected = isMissing ? `the manifest of batch ${batch - 1}, which is missing` : link.expected;
  const restored = batch === 1 ? '1' : `${batch} or ${batch - 1}, whichever was altered or lost`;
  const remedy = `Nothing was written: restore the manifest of batch ${restored} ${FROM_BACKUP}.`;
  return notFollowing(ingestion, link, remedy, expected);
}

/** Error for a manifest that does not follow the newest batch of the processed lake. */
export function sequenceBroken(ingestion: Store, link: BrokenLink): PipelineError {
  return notFollowing(ingestion, link, 'Name lakes that belong together for ingest and transform.');
}

/** Error for a batch that is not the predecessor which the next batch names. */
export function followerBroken(ingestion: Store, link: BrokenLink): PipelineError {
  const { batch } = link;
  const fault = `Batch ${batch} in ${ingestion.uri} is not the one that batch ${batch + 1} follows`;
  const remedy = `restore the manifest of batch ${batch} or ${batch + 1}, whichever was altered ${FROM_BACKUP}.`;
  return chainBroken(link, `${fault}: ${describeLink(link, 'no predecessor')}. It was not transformed: ${remedy}`);
}

/** Error for a processed batch that was not derived from the manifest that the ingestion lake has under its number. */
export function originBroken({ ingestion, processed }: Lakes, link: BrokenLink): PipelineError {
  const batch = `Batch ${link.batch} of the processed lake ${processed.uri}`;
  const fault = `${batch} was not derived from what is in ${ingestion.uri}`;
  const remedy = `restore what is missing ${FROM_BACKUP}, or name lakes that belong together.`;
  return chainBroken(
    link,
    `${fault}: ${describeLink(link)}. The ingestion lake is an older copy or another one: ${remedy}`,
  );
}

/** Error for a lake that lacks the batch with which the ledger ends, or has another one under its number. */
export function ledgerBroken(lake: Store, link: BrokenLink): PipelineError {
  const fault = `Batch ${link.batch} of the lake ${lake.uri} does not fit the ledger of this warehouse`;
  const restore = `restore what an older copy of it lacks ${FROM_BACKUP}`;
  const remedy = `Name the lake that this warehouse was loaded from, ${restore}, or load into an empty warehouse.`;
  return chainBroken(link, `${fault}: ${describeLink(link)}. ${remedy}`);
}

/** Error for a batch without a manifest: CHAIN_BROKEN if a later batch is wanted, OBJECT_MISSING if it is the last. */
export function batchMissing(ingestion: Store, batch: number, last: number): PipelineError {
  const fault = `Batch ${batch} has no manifest in ${ingestion.uri}: expected every batch up to ${last}`;
  return new PipelineError(
    batch === last ? ErrorCode.OBJECT_MISSING : ErrorCode.CHAIN_BROKEN,
    `${fault}. Restore it ${FROM_BACKUP}; no later batch is transformed until then.`,
    { context: { batch, last } },
  );
}

/** The two lakes of one pipeline. */
export interface Lakes {
  readonly ingestion: Store;
  readonly processed: Store;
}

function notFollowing({ uri }: Store, link: BrokenLink, remedy: string, expected = link.expected): PipelineError {
  const fault = `Batch ${link.batch} in ${uri} does not follow the batch before it`;
  return chainBroken(link, `${fault}: ${describeLink({ ...link, expected }, 'no predecessor')}. ${remedy}`);
}

function chainBroken({ batch, expected, got }: BrokenLink, message: string): PipelineError {
  return new PipelineError(ErrorCode.CHAIN_BROKEN, message, { context: { batch, expected, got } });
}
