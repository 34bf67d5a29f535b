/** A fault of a lake, the ledger or the history of the dimensions: it does not match the manifests or the parts. */
export interface LakeFault {
  readonly place: 'ingestion' | 'processed' | 'ledger' | 'history';
  readonly batch: number;
  readonly object?: string | undefined;
  readonly fault: string;
}

/** How many faults are named one by one; the count includes all. */
const MOST_NAMED = 1_000;

/** The faults that a check of the lakes found. */
export class LakeFaults {
  readonly named: LakeFault[] = [];
  count = 0;

  /** Counts a fault, and names it while there is room. */
  add(fault: LakeFault): void {
    this.count++;
    if (this.named.length < MOST_NAMED) this.named.push(fault);
  }
}

/** Reports a fault of the batch at hand; `object` is the key of the part that has it. */
export type Report = (place: LakeFault['place'], fault: string, object?: string) => void;
