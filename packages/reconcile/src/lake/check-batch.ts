import {
  compareLedger,
  compareOrigin,
  comparePredecessor,
  type IngestionManifest,
  type ProcessedManifest,
  type ReadManifest,
} from '@totesys/lake';
import type { LedgerEntry } from '@totesys/warehouse';
import type { Report } from './lake-fault.ts';

/** The manifests of one batch, as far as they can be read. */
export interface BatchManifests {
  readonly read: ReadManifest<IngestionManifest> | undefined;
  readonly derived: ReadManifest<ProcessedManifest> | undefined;
}

/** Checks the manifests of a batch against each other and against the ingestion manifest before them. */
export function checkManifests(
  batch: number,
  { read, derived }: BatchManifests,
  before: ReadManifest<IngestionManifest> | undefined,
  report: Report,
): void {
  // A predecessor that cannot be read is reported already.
  if (read && (batch === 1 || before)) {
    for (const fault of comparePredecessor(read.manifest, before)) report('ingestion', fault);
  }
  if (read && derived) for (const fault of compareOrigin(derived.manifest, read)) report('processed', fault);
}

/** Checks that an entry of the ledger names the manifests of its batch in each lake that is given. */
export function checkLedgerEntry(
  entry: LedgerEntry,
  manifests: BatchManifests,
  lakes: { readonly ingestion: unknown; readonly processed: unknown },
  report: Report,
): void {
  if (lakes.ingestion && !manifests.read) report('ledger', 'was loaded, and the ingestion lake has no such manifest');
  if (lakes.processed && !manifests.derived)
    report('ledger', 'was loaded, and the processed lake has no such manifest');
  for (const fault of compareLedger(entry, manifests)) report('ledger', fault);
}
