import { openStore } from '@totesys/lake';
import { connect, lambdaTelemetry, type Pool, resolveSecret } from '@totesys/runtime';
import { totesysModel } from '@totesys/schema';
import type { LoadConfig } from './config.ts';

/** One for the batch's transaction, one beside it for the ledger. */
const CONNECTIONS = 2;
/** A statement that takes longer than a Lambda may live has nobody left to wait for it. */
const STATEMENT_TIMEOUT_MS = 15 * 60 * 1000;

/** What the handler works with, made once for each warm Lambda. */
export type LambdaDeps = ReturnType<typeof makeDeps>;

/** Opens the stores; the warehouse is opened by each run, as a frozen Lambda keeps no connection alive. */
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
