import { openStore } from '@totesys/lake';
import { connect, lambdaTelemetry, type Pool, resolveSecret } from '@totesys/runtime';
import { totesysModel } from '@totesys/schema';
import type { ReconcileConfig } from './config.ts';

/** A proof needs one connection to each database. */
const CONNECTIONS = 1;
/** The limit of a statement, which compares 100,000 keys or counts a table without a primary key: milliseconds. */
const STATEMENT_TIMEOUT_MS = 60_000;

/** What the handler works with, made once for each warm Lambda. */
export type LambdaDeps = ReturnType<typeof makeDeps>;

/** Opens the stores; each run opens the databases, because a frozen Lambda keeps no connection alive. */
export function makeDeps(config: ReconcileConfig) {
  const open = async (subject: 'source' | 'warehouse', deadlineMs: number): Promise<Pool> =>
    connect(await resolveSecret(config[subject]), {
      subject,
      connections: CONNECTIONS,
      applicationName: 'totesys-reconcile',
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
      deadlineMs,
    });
  return {
    model: totesysModel,
    ingestion: openStore(config.ingestionUri),
    processed: openStore(config.processedUri),
    telemetry: lambdaTelemetry({ stage: 'reconcile', version: config.codeVersion, namespace: config.metricNamespace }),
    codeVersion: config.codeVersion,
    options: { slices: config.slices, requests: config.requests },
    openSource: (deadlineMs: number) => open('source', deadlineMs),
    openWarehouse: (deadlineMs: number) => open('warehouse', deadlineMs),
  };
}
