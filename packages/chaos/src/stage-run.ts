import { CODE_VERSION } from '@totesys/cli';
import { type IngestResult, ingest } from '@totesys/ingest';
import type { Store } from '@totesys/lake';
import { type LoadResult, load } from '@totesys/load';
import { connect, type Sql, silentTelemetry } from '@totesys/runtime';
import { totesysModel } from '@totesys/schema';
import { type TransformResult, transform } from '@totesys/transform';

/** The three stages, in the order of the data flow. */
export const STAGES = ['ingest', 'transform', 'load'] as const;
/** A stage of the pipeline. */
export type Stage = (typeof STAGES)[number];

/** What the stages work with. */
export interface Surroundings {
  readonly source: Sql;
  readonly warehouse: Sql;
  readonly ingestion: Store;
  readonly processed: Store;
}

/** The result of a stage. */
export type StageResult = IngestResult | TransformResult | LoadResult;

/** Limits that no run of the kit reaches. */
const LIMITS = { batchRows: 1_000_000, deadlineMs: Number.MAX_SAFE_INTEGER };
const CONNECTIONS = 3;
const SHARED = { model: totesysModel, telemetry: silentTelemetry };

/** Runs a stage once, as deployed except for telemetry. */
export function runStage(stage: Stage, surroundings: Surroundings): Promise<StageResult> {
  const { source, warehouse, ingestion, processed } = surroundings;
  switch (stage) {
    case 'ingest':
      return ingest({ ...SHARED, source, ingestion, limits: LIMITS, codeVersion: CODE_VERSION });
    case 'transform':
      return transform({ ...SHARED, ingestion, processed }, 'newest');
    case 'load':
      return load({ ...SHARED, warehouse, processed });
  }
}

/** Opens a database as a stage does. */
export function openDatabase(url: string, subject: 'source' | 'warehouse'): Promise<Sql> {
  return connect(url, { subject, connections: CONNECTIONS, applicationName: 'totesys-chaos' });
}
