import { isDeepStrictEqual } from 'node:util';
import type { IngestionManifest, ProcessedManifest } from '../manifests/manifest.ts';
import type { ReadManifest } from '../manifests/read-manifest.ts';
import { describeLink } from './chain.ts';

/** A batch as the ledger records it. */
export interface LedgerRecord {
  readonly manifestSha256: string;
  readonly processedSha256: string;
  readonly sourceClock: string;
}

/** Returns what is wrong between a manifest and the one before it, which is undefined for the first batch. */
export function comparePredecessor(
  { previous, fence }: IngestionManifest,
  before: ReadManifest<IngestionManifest> | undefined,
): string[] {
  const faults = compare('does not follow the batch before it', before?.sha256 ?? null, previous);
  // A manifest without the fence `from` belongs to another history of the source, which was read from the start.
  if (fence.from && before && !isDeepStrictEqual(fence.from, before.manifest.fence.to)) {
    faults.push('does not start at the fence where the batch before it ended');
  }
  return faults;
}

/** Returns what is wrong between a processed manifest and the ingestion manifest of its batch. */
export function compareOrigin(
  { ingestion: { sha256, previous }, sourceClock }: ProcessedManifest,
  { manifest, sha256: expected }: ReadManifest<IngestionManifest>,
): string[] {
  return [
    ...compare('comes from another manifest of the ingestion lake', expected, sha256),
    ...compare('follows another batch', manifest.previous, previous),
    ...compare('shows another clock', manifest.sourceClock, sourceClock),
  ];
}

/** Returns what is wrong between the ledger's entry of a batch and the given manifests of that batch. */
export function compareLedger(
  entry: LedgerRecord,
  {
    read,
    derived,
  }: {
    readonly read: ReadManifest<IngestionManifest> | undefined;
    readonly derived: ReadManifest<ProcessedManifest> | undefined;
  },
): string[] {
  const sha256 = read?.sha256 ?? derived?.manifest.ingestion.sha256 ?? entry.manifestSha256;
  const clock = (read ?? derived)?.manifest.sourceClock ?? entry.sourceClock;
  return [
    ...compare('names another manifest of the ingestion lake', sha256, entry.manifestSha256),
    ...compare('names another processed manifest', derived?.sha256 ?? entry.processedSha256, entry.processedSha256),
    ...compare('shows another clock', clock, entry.sourceClock),
  ];
}

function compare(fault: string, expected: string | null, got: string | null): string[] {
  return expected === got ? [] : [`${fault}: ${describeLink({ expected, got })}`];
}
