import type { Store } from '@totesys/lake';
import type { Pool, StageTelemetry } from '@totesys/runtime';
import type { Model } from '@totesys/schema';

/** What a proof works with. */
export interface ProofDeps {
  readonly model: Model;
  readonly source: Pool;
  readonly warehouse: Pool;
  readonly ingestion: Store;
  readonly processed: Store;
  readonly codeVersion: string;
  readonly telemetry: StageTelemetry<'reconcile'>;
  /** Ends the proof without a result. */
  readonly interrupted: AbortSignal;
}
