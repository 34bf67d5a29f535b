import type { Catalogue } from '@totesys/iceberg';
import type { Store } from '@totesys/lake';
import type { DerivedPlace } from '@totesys/lake/derived';
import type { StageTelemetry } from '@totesys/runtime';
import type { Model } from '@totesys/schema';

/** What a publish run works with. It needs no database. */
export interface PublishDeps {
  readonly model: Model;
  readonly processed: Store;
  /** Where the files of the tables are. */
  readonly place: DerivedPlace;
  readonly catalogue: Catalogue;
  readonly telemetry: StageTelemetry<'publish'>;
  /** The time after which no further round begins: milliseconds since 1970. */
  readonly deadlineMs?: number;
}
