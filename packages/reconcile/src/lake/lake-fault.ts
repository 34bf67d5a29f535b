/** One way in which the lakes, or the ledger beside them, are not what their manifests say. */
export interface LakeFault {
  readonly place: 'ingestion' | 'processed' | 'ledger';
  readonly batch: number;
  readonly object?: string;
  readonly fault: string;
}

/** Faults that are named one by one; the count has them all. */
const MOST_NAMED = 1_000;

/** What a check of the lakes found. */
export class LakeFaults {
  readonly named: LakeFault[] = [];
  count = 0;

  /** Counts a fault and names it while there is room. */
  add(fault: LakeFault): void {
    this.count++;
    if (this.named.length < MOST_NAMED) this.named.push(fault);
  }
}
