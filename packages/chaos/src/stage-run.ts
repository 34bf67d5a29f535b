import { CODE_VERSION } from '@totesys/cli';
import { type HintMode, type IngestResult, ingest } from '@totesys/ingest';
import type { Store } from '@totesys/lake';
import { type LoadResult, load } from '@totesys/load';
import { connect, type Sql, silentTelemetry } from '@totesys/runtime';
import { totesysModel } from '@totesys/schema';
import { type TransformResult, transform } from '@totesys/transform';
import type { HintReport } from './hint-report.ts';

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
  /** How ingest uses change hints. */
  readonly hints: HintRuns;
}

/** How runs of ingest use change hints, and what they report of them. */
export interface HintRuns {
  readonly mode: HintMode;
  /** The time from a scan until an audit is due: milliseconds. */
  readonly auditMs: number;
  readonly report: HintReport;
}

/** The result of a stage. */
export type StageResult = IngestResult | TransformResult | LoadResult;

/** Limits that no run of the kit reaches. */
const LIMITS = { batchRows: 1_000_000, deadlineMs: Number.MAX_SAFE_INTEGER };
const CONNECTIONS = 3;
/** A run of ingest with hints needs one more. */
const HINTED_CONNECTIONS = 4;
const SHARED = { model: totesysModel, telemetry: silentTelemetry };

/** Runs a stage once, as deployed except for telemetry. */
export function runStage(stage: Stage, surroundings: Surroundings): Promise<StageResult> {
  const { source, warehouse, ingestion, processed, hints } = surroundings;
  switch (stage) {
    case 'ingest':
      return ingest({
        ...SHARED,
        telemetry: hints.report.telemetry,
        source,
        ingestion,
        limits: LIMITS,
        codeVersion: CODE_VERSION,
        hints: hints.mode,
        hintAuditMs: hints.auditMs,
      });
    case 'transform':
      return transform({ ...SHARED, ingestion, processed }, 'newest');
    case 'load':
      return load({ ...SHARED, warehouse, processed });
  }
}

/** Opens a database as a stage does. */
export function openDatabase(url: string, subject: 'source' | 'warehouse', mode: HintMode = 'off'): Promise<Sql> {
  const connections = mode === 'off' ? CONNECTIONS : HINTED_CONNECTIONS;
  return connect(url, { subject, connections, applicationName: 'totesys-chaos' });
}
