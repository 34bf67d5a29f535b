import type { Store } from '@totesys/lake';
import type { StageTelemetry } from '@totesys/runtime';
import type { Model } from '@totesys/schema';

/** What a transform run works with. */
export interface TransformDeps {
  readonly model: Model;
  readonly ingestion: Store;
  readonly processed: Store;
  readonly telemetry: StageTelemetry<'transform'>;
  /** The moment, in milliseconds since 1970, after which the run begins no further batch; undefined for no limit. */
  readonly deadlineMs?: number;
}
