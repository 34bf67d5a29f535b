import { openStore } from '@totesys/lake';
import { connect, lambdaTelemetry, type Pool, resolveSecret } from '@totesys/runtime';
import { totesysModel } from '@totesys/schema';
import type { ReconcileConfig } from './config.ts';
import { PAIRS } from './rows/snapshots.ts';

/** No Lambda runs longer, so no client waits longer for a statement. */
const STATEMENT_TIMEOUT_MS = 15 * 60 * 1000;

/** What the handler works with, made once for each warm Lambda. */
export type LambdaDeps = ReturnType<typeof makeDeps>;

/** Opens the stores; each run opens the databases, because a frozen Lambda keeps no connection alive. */
export function makeDeps(config: ReconcileConfig) {
  const open = async (subject: 'source' | 'warehouse', deadlineMs: number): Promise<Pool> =>
    connect(await resolveSecret(config[subject]), {
      subject,
      connections: PAIRS,
      applicationName: 'totesys-reconcile',
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
      deadlineMs,
    });
  return {
    model: totesysModel,
    ingestion: openStore(config.ingestionUri),
    processed: openStore(config.processedUri),
    telemetry: lambdaTelemetry({ stage: 'reconcile', version: config.codeVersion, namespace: config.metricNamespace }),
    openSource: (deadlineMs: number) => open('source', deadlineMs),
    openWarehouse: (deadlineMs: number) => open('warehouse', deadlineMs),
  };
}
