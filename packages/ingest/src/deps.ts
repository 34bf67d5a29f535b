import { openStore } from '@totesys/lake';
import { connect, lambdaTelemetry, type Pool, resolveSecret } from '@totesys/runtime';
import { totesysModel } from '@totesys/schema';
import { SNAPSHOT_WORKERS } from '@totesys/source';
import type { IngestConfig } from './config.ts';
import type { RunMemory } from './idle/run-memory.ts';

/** No Lambda runs longer, so no client waits longer for a statement. */
const STATEMENT_TIMEOUT_MS = 15 * 60 * 1000;

/** What the handler works with, made once per warm Lambda. */
export type LambdaDeps = ReturnType<typeof makeDeps>;

/**
 * Opens the store and begins the memory of runs. Each run opens the source, because a frozen Lambda keeps no connection
 * alive.
 */
export function makeDeps(config: IngestConfig) {
  return {
    model: totesysModel,
    ingestion: openStore(config.ingestionUri),
    telemetry: lambdaTelemetry({ stage: 'ingest', version: config.codeVersion, namespace: config.metricNamespace }),
    batchRows: config.batchRows,
    hints: config.hints,
    hintAuditMs: config.hintAuditMs,
    codeVersion: config.codeVersion,
    memory: {} as RunMemory,
    openSource: async (deadlineMs: number): Promise<Pool> =>
      connect(await resolveSecret(config.source), {
        subject: 'source',
        connections: 1 + SNAPSHOT_WORKERS + (config.hints === 'off' ? 0 : 1),
        applicationName: 'totesys-ingest',
        statementTimeoutMs: STATEMENT_TIMEOUT_MS,
        deadlineMs,
      }),
  };
}
