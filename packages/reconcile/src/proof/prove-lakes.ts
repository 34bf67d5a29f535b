import type { Proof } from '@totesys/lake';
import { readLedgerEntries } from '@totesys/warehouse';
import { checkWindow, findNewest, type LakeCheck } from '../lake/check-lakes.ts';
import { PartChecker } from '../lake/check-parts.ts';
import { LakeFaults } from '../lake/lake-fault.ts';
import type { BatchWindow } from './batch-keys.ts';
import type { ProofDeps } from './proof-deps.ts';

/** Manifests of a batch: one in each lake. */
const MANIFESTS = 2;
/** The most batches with faults that the next proof checks again. */
const MOST_REPEATED = 100;

/** What a proof found in the lakes and the ledger, and the first batch of the next slice. */
export interface LakesProof {
  readonly faults: LakeFaults;
  readonly batches: number;
  readonly parts: number;
  readonly bytes: number;
  readonly next: number;
}

/**
 * Checks the loaded batches since the last proof, those that had faults in it, and older batches from where it ended,
 * until `requests` objects are read. The batch with the last of them is checked whole.
 */
export async function proveLakes(
  deps: ProofDeps,
  { window, last, requests }: { window: BatchWindow; last: Proof | undefined; requests: number },
): Promise<LakesProof> {
  const { after, through } = window;
  const newest = await findNewest({ ingestion: deps.ingestion, processed: deps.processed });
  const check: LakeCheck = { newest, faults: new LakeFaults(), parts: new PartChecker(), batches: 0 };
  const checkBatches = (first: number, until: number, mayGoOn = () => true) => {
    const ledger = readLedgerEntries(deps.warehouse, through, first - 1);
    const options = { ...deps, ledger, since: 1 };
    return checkWindow(options, check, { first, last: until, followsLedger: false, mayGoOn });
  };
  await checkBatches(after + 1, through);
  const used = () => MANIFESTS * check.batches + check.parts.parts;
  const before = used();
  const begin = last !== undefined && last.next.batch <= after ? Math.max(1, last.next.batch) : 1;
  const end = await checkBatches(begin, after, () => used() - before < requests);
  const isChecked = (batch: number) => batch > after || (batch >= begin && batch <= end);
  for (const batch of batchesToRepeat(last)) if (!isChecked(batch)) await checkBatches(batch, batch);
  await check.parts.end();
  const { faults, parts, batches } = check;
  return { faults, batches, parts: parts.parts, bytes: parts.bytes, next: end >= after ? 1 : end + 1 };
}

function batchesToRepeat(last: Proof | undefined): number[] {
  return [...new Set((last?.lake.named ?? []).map(({ batch }) => batch))].slice(0, MOST_REPEATED);
}
