import { openStore } from '@totesys/lake';
import { connect, lambdaTelemetry, type Pool, resolveSecret } from '@totesys/runtime';
import { totesysModel } from '@totesys/schema';
import type { LoadConfig } from './config.ts';

/** One connection for the transaction of a batch, and one for the ledger. */
const CONNECTIONS = 2;
/** No Lambda runs longer, so no client waits longer for a statement. */
const STATEMENT_TIMEOUT_MS = 15 * 60 * 1000;

/** What the handler works with, created once for each warm Lambda. */
export type LambdaDeps = ReturnType<typeof makeDeps>;

/** Opens the stores. Each run opens the warehouse, because a frozen Lambda keeps no connection alive. */
export function makeDeps(config: LoadConfig) {
  return {
    model: totesysModel,
    ingestion: openStore(config.ingestionUri),
    processed: openStore(config.processedUri),
    telemetry: lambdaTelemetry({ stage: 'load', version: config.codeVersion, namespace: config.metricNamespace }),
    openWarehouse: async (deadlineMs: number): Promise<Pool> =>
      connect(await resolveSecret(config.warehouse), {
        subject: 'warehouse',
        connections: CONNECTIONS,
        applicationName: 'totesys-load',
        statementTimeoutMs: STATEMENT_TIMEOUT_MS,
        deadlineMs,
      }),
  };
}
